package sample

import "slices"

// maxCampaigns is the most that one client runs on one channel.
const maxCampaigns = 5

// roster holds campaign numbers of one client on one channel, the most recently seen first.
type roster struct {
	n   uint8
	ids [maxCampaigns]uint32
}

// see moves id to the front; the one not seen for longest falls off a full roster.
func (r *roster) see(id uint32) {
	if r.n > 0 && r.ids[0] == id {
		return
	}
	at := slices.Index(r.ids[:r.n], id)
	if at < 0 {
		if r.n < maxCampaigns {
			r.n++
		}
		at = int(r.n) - 1
	}
	copy(r.ids[1:at+1], r.ids[:at])
	r.ids[0] = id
}

// fullRoster is the number of campaigns an established client runs, by channel and tier.
var fullRoster = [numChannels][3]int{
	tableGoogle:   {3, 4, 5},
	tableFacebook: {2, 3, 4},
	tableEmail:    {2, 3, 3},
}

// wanted is the number of campaigns a client is to run now. A client that joins others starts with one per channel and adds
// one with each run.
func wanted(r *roster, channel, tier int, first bool) int {
	full := fullRoster[channel][tier]
	if first {
		return full
	}
	return min(full, int(r.n)+1)
}

// rotation is the outcome of one run's change of campaigns.
type rotation struct{ campaigns, reused int }

// rotate sets the campaigns that the clients run on one channel: of all, 60 to 70 % have been in use before, the others get
// the numbers after next. It picks exactly as many as it wants, each with the same chance (Knuth, TAOCP 2, 3.4.2, S). Where
// most clients are new, fewer ids can be reused.
func rotate(seed uint64, clients []client, channel int, d day, first bool, next uint32) rotation {
	var total, left int
	tier := func(c *client) int { return newProfile(seed, c.no).tier }
	for i := range clients {
		r := &clients[i].campaigns[channel]
		want := wanted(r, channel, tier(&clients[i]), first)
		total += want
		left += min(want, int(r.n))
	}
	keep := reuseTarget(left, total)
	out := rotation{campaigns: total, reused: keep}
	rnd := newRNG(seed, uint32(channel), d, numTables)
	for i := range clients {
		r := &clients[i].campaigns[channel]
		want := wanted(r, channel, tier(&clients[i]), first)
		var run roster
		for _, id := range r.ids[:min(want, int(r.n))] {
			if rnd.below(int64(left)) < int64(keep) {
				run.ids[run.n] = id
				run.n++
				keep--
			}
			left--
		}
		for int(run.n) < want {
			next++
			run.ids[run.n] = next
			run.n++
		}
		*r = run
	}
	return out
}

// reuseTarget is the number of ids to keep of those in use, where the run needs total: 65 % of the mean of both numbers, so
// that it is near two thirds of either, within 60 to 70 % of total.
func reuseTarget(inUse, total int) int {
	keep := (65*(inUse+total) + 100) / 200
	keep = min(keep, total*70/100)
	keep = max(keep, (total*60+99)/100)
	return min(keep, inUse)
}
