package sample

// client is one advertiser and the campaigns it runs. It is kept small: there may be a million.
type client struct {
	no        uint32
	campaigns [numChannels]roster
}

// firstClient is the number of the first client: C101.
const firstClient = 101

// profile is the character of a client. It is a function of the seed and the client's number, cheap enough to be worked out
// again each day.
type profile struct {
	tier     int   // 0 small, 1 middle, 2 large
	size     int64 // percent of an ordinary client's volumes
	industry int
	geos     [3]uint8 // the first is home
	phase    int64    // of the slow wave that gives each client its trend, days
	swing    int64    // height of that wave, basis points
	cpc      int64    // Google, cents a click
	cpm      int64    // Facebook, cents a thousand people reached
	roas     [2]int64 // Google and Facebook, permille, on days with revenue
	perClick int64    // revenue of an email click, cents
	perVisit int64    // revenue of an organic session, tenths of a cent
}

// Of any ten clients in a row six are small, three in the middle and one is large.
var tiers = [10]int{1, 0, 0, 2, 0, 1, 0, 0, 1, 0}

var sizes = [3][2]int64{{40, 110}, {130, 300}, {350, 800}}

func newProfile(seed uint64, no uint32) profile {
	r := newRNG(seed, no, 0, tableClients)
	p := profile{tier: tiers[(uint64(no)+mix(seed)%10)%10]}
	p.size = r.between(sizes[p.tier][0], sizes[p.tier][1])
	p.industry = int(r.below(int64(len(industries))))
	p.geos = pickGeos(&r)
	p.phase = r.below(waveDays)
	p.swing = r.between(500, 2500)
	p.cpc = r.between(45, 320)
	p.cpm = r.between(450, 1600)
	// What a client earns in the end is lower, by the days without revenue, and lies between 1.5 and 6.
	p.roas = [2]int64{r.between(2100, 6600), r.between(2550, 7100)}
	p.perClick = r.between(120, 600)
	p.perVisit = r.between(300, 1400)
	return p
}

// pickGeos gives three different countries, the United States most often first.
func pickGeos(r *rng) [3]uint8 {
	home, n := int64(0), int64(len(geos))
	if !r.chance(400) {
		home = r.below(n)
	}
	second := r.between(1, n-2)
	third := r.between(second+1, n-1)
	return [3]uint8{uint8(home), uint8((home + second) % n), uint8((home + third) % n)}
}

func (p *profile) geo(r *rng) string {
	switch n := r.below(100); {
	case n < 65:
		return geos[p.geos[0]]
	case n < 90:
		return geos[p.geos[1]]
	}
	return geos[p.geos[2]]
}

// waveDays is a multiple of 7, so that the wave and the week do not drift apart.
const waveDays = 364

// Percent of an average day, Sunday first.
var (
	consumerWeek = [7]int64{114, 94, 91, 94, 97, 103, 107}
	businessWeek = [7]int64{56, 114, 123, 121, 117, 103, 66}
	mailingWeek  = [7]int64{40, 110, 150, 110, 150, 100, 40}
)

// level is the volume of a day in basis points of an average one: the weekday times a slow triangular wave.
func (p *profile) level(d day) int64 {
	week := &consumerWeek
	if industries[p.industry].business {
		week = &businessWeek
	}
	const half = waveDays / 2
	at := ((int64(d)+p.phase)%waveDays + waveDays) % waveDays
	if at > half {
		at = waveDays - at
	}
	wave := 10000 + p.swing*(2*at-half)/half
	return wave * week[d.weekday()] / 100
}

// scale turns an ordinary client's volume on an average day into this one's at the given level.
func (p *profile) scale(n, level int64) int64 { return n * p.size / 100 * level / 10000 }

// appendClient writes the row of clients.csv.
func appendClient(b []byte, seed uint64, no uint32, signup day) []byte {
	p := newProfile(seed, no)
	b = appendID(b, "C", no)
	b = append(b, ',')
	b = appendText(b, clientName(seed, no))
	b = append(b, ',')
	b = append(b, industries[p.industry].name...)
	b = append(b, ',')
	b = append(b, managers[mix(seed^uint64(no))%uint64(len(managers))]...)
	b = append(b, ',')
	return signup.append(b)
}
