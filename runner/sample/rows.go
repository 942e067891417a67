package sample

// generator appends rows to the six files. The rows of one client on one day depend on the seed, the client's number, the day
// and the campaigns it runs, on nothing else.
type generator struct {
	seed  uint64
	sinks *[numTables]sink
	day   day
	date  []byte // of day
}

func (g *generator) setDay(d day) {
	g.day = d
	g.date = d.append(g.date[:0])
}

// addClients writes clients.csv. The clients of a first run signed up within two years, later ones within three weeks.
func (g *generator) addClients(clients []client, p *plan) {
	out := &g.sinks[tableClients]
	span := int64(730)
	if p.known > 0 {
		span = 21
	}
	for _, c := range clients {
		r := newRNG(g.seed, c.no, p.from, tableClients)
		signup := p.from - day(r.between(1, span))
		out.end(appendClient(out.begin(), g.seed, c.no, signup), p.from)
	}
}

// activity is what revenue follows from.
type activity struct {
	spend       [2]int64 // Google and Facebook, cents
	mails       int
	emailClicks int64
	sessions    int64
}

func (g *generator) clientDay(c *client) {
	p := newProfile(g.seed, c.no)
	level := p.level(g.day)
	var a activity
	a.spend[0] = g.google(c, &p, level)
	a.spend[1] = g.facebook(c, &p, level)
	a.mails, a.emailClicks = g.email(c, &p)
	a.sessions = g.web(c, &p, level)
	g.revenue(c, &p, &a)
}

// Rows per client and day by tier, permille. With one row of web traffic and the revenue this makes about seven.
var (
	googleRows   = [3]int64{1750, 2350, 3200}
	facebookRows = [3]int64{1000, 1500, 2200}
	emailRows    = [3]int64{400, 600, 900}
)

// head writes what each campaign row begins with, and gives the draws of the row their place.
func (g *generator) head(b []byte, c *client, t table, r *rng) []byte {
	team := &c.campaigns[t]
	b = appendID(b, specs[t].campaign, team.ids[r.below(int64(team.n))])
	b = append(b, ',')
	b = appendID(b, "C", c.no)
	b = append(b, ',')
	b = append(b, g.date...)
	return append(b, ',')
}

// google writes the day's rows and gives their cost in cents. Rows draw campaign, device and geo with replacement, so a key
// comes twice now and then, as it does in real exports.
func (g *generator) google(c *client, p *profile, level int64) (spend int64) {
	r := newRNG(g.seed, c.no, g.day, tableGoogle)
	out := &g.sinks[tableGoogle]
	if r.chance(50) {
		return 0 // paused
	}
	for range r.count(googleRows[p.tier]) {
		impressions := p.scale(r.bell(400, 4200), level)
		clicks := impressions * r.bell(120, 620) / 10000
		cost := clicks * p.cpc * r.between(75, 125) / 100
		b := g.head(out.begin(), c, tableGoogle, &r)
		b = appendInt(b, clicks)
		b = append(b, ',')
		b = appendInt(b, impressions)
		b = append(b, ',')
		b = appendMoney(b, cost)
		b = append(b, ',')
		b = append(b, device(&r)...)
		b = append(b, ',')
		b = append(b, p.geo(&r)...)
		out.end(b, g.day)
		spend += cost
	}
	return spend
}

func device(r *rng) string {
	switch n := r.below(100); {
	case n < 58:
		return devices[0]
	case n < 92:
		return devices[1]
	}
	return devices[2]
}

// facebook writes the day's objects and gives their spend in cents.
func (g *generator) facebook(c *client, p *profile, level int64) (spend int64) {
	r := newRNG(g.seed, c.no, g.day, tableFacebook)
	out := &g.sinks[tableFacebook]
	if r.chance(50) {
		return 0 // paused
	}
	team := &c.campaigns[tableFacebook]
	for range r.count(facebookRows[p.tier]) {
		reach := p.scale(r.bell(900, 9000), level)
		clicks := reach * r.bell(50, 240) / 10000
		cost := reach * p.cpm * r.between(75, 125) / 100000
		platform := platforms[0]
		if r.chance(380) {
			platform = platforms[1]
		}
		b := append(out.begin(), `{"fb_campaign_id":"`...)
		b = appendID(b, specs[tableFacebook].campaign, team.ids[r.below(int64(team.n))])
		b = append(b, `","client":"`...)
		b = appendID(b, "C", c.no)
		b = append(b, `","date":"`...)
		b = append(b, g.date...)
		b = append(b, `","clicks":`...)
		b = appendInt(b, clicks)
		b = append(b, `,"reach":`...)
		b = appendInt(b, reach)
		b = append(b, `,"spend":`...)
		b = appendMoney(b, cost)
		b = append(b, `,"platform":"`...)
		b = append(b, platform...)
		b = append(b, `","geo":"`...)
		b = append(b, p.geo(&r)...)
		b = append(b, `"}`...)
		out.end(b, g.day)
		spend += cost
	}
	return spend
}

// email writes the day's mailings and gives their number and the clicks they led to. Lists do not follow the level of the
// day; the days they are written to do.
func (g *generator) email(c *client, p *profile) (mails int, clicks int64) {
	r := newRNG(g.seed, c.no, g.day, tableEmail)
	out := &g.sinks[tableEmail]
	mails = r.count(emailRows[p.tier] * mailingWeek[g.day.weekday()] / 100)
	for range mails {
		sent := r.bell(800, 9000) * p.size / 100
		open := r.bell(1400, 4200)
		click := open * r.bell(4, 24) / 100
		b := g.head(out.begin(), c, tableEmail, &r)
		b = appendInt(b, sent)
		b = append(b, ',')
		b = appendRate(b, open)
		b = append(b, ',')
		b = appendRate(b, click)
		b = append(b, ',')
		b = appendText(b, subjects[r.below(int64(len(subjects)))])
		out.end(b, g.day)
		clicks += sent * click / 10000
	}
	return mails, clicks
}

// web writes one row each day, which is what tells a later run how far the data goes, and gives its sessions.
func (g *generator) web(c *client, p *profile, level int64) int64 {
	r := newRNG(g.seed, c.no, g.day, tableWeb)
	out := &g.sinks[tableWeb]
	sessions := p.scale(r.bell(150, 1200), level)
	b := appendID(out.begin(), "C", c.no)
	b = append(b, ',')
	b = append(b, g.date...)
	b = append(b, ',')
	b = appendInt(b, sessions*r.bell(160, 420)/100)
	b = append(b, ',')
	b = appendInt(b, sessions)
	b = append(b, ',')
	b = appendRate(b, r.bell(2800, 6800))
	b = append(b, ',')
	b = appendDuration(b, r.bell(40, 420), r.chance(250))
	out.end(b, g.day)
	return sessions
}

// revenue writes at most one row per channel. It follows the day's activity, but not every day with activity earns, and now
// and then money comes in on a day without any.
func (g *generator) revenue(c *client, p *profile, a *activity) {
	r := newRNG(g.seed, c.no, g.day, tableRevenue)
	noRevenue := [2]int64{170, 300}
	for ch, spend := range a.spend {
		if spend > 0 && !r.chance(noRevenue[ch]) {
			g.earn(c, ch, spend*p.roas[ch]/1000*r.between(60, 140)/100)
		} else if spend == 0 && r.chance(120) {
			g.earn(c, ch, r.between(1200, 9000)*p.size/100)
		}
	}
	if a.mails > 0 && !r.chance(180) {
		g.earn(c, 2, a.emailClicks*p.perClick*r.between(60, 140)/100)
	} else if a.mails == 0 && r.chance(40) {
		g.earn(c, 2, r.between(900, 6000)*p.size/100)
	}
	if r.chance(450) {
		g.earn(c, 3, a.sessions*p.perVisit/10*r.between(60, 140)/100)
	}
}

// earn writes one row, unless there is nothing to write.
func (g *generator) earn(c *client, channel int, cents int64) {
	if cents <= 0 {
		return
	}
	out := &g.sinks[tableRevenue]
	b := appendID(out.begin(), "C", c.no)
	b = append(b, ',')
	b = append(b, g.date...)
	b = append(b, ',')
	b = append(b, revenues[channel]...)
	b = append(b, ',')
	b = appendMoney(b, cents)
	out.end(b, g.day)
}
