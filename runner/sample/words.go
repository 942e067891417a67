package sample

import "strconv"

// The words below are read only. All names are invented.

var (
	geos      = [...]string{"US", "UK", "DE", "FR", "CA", "AU"}
	devices   = [...]string{"mobile", "desktop", "tablet"}
	platforms = [...]string{"facebook", "instagram"}
	revenues  = [...]string{"google_ads", "facebook", "email", "organic"}
	managers  = [...]string{"Team North", "Team East", "Team South", "Team West", "Team Central"}
)

var industries = [...]struct {
	name     string
	business bool // sells to companies: busy on working days
}{
	{"Retail", false},
	{"Travel", false},
	{"Software", true},
	{"Finance", true},
	{"Education", true},
	{"Healthcare", false},
	{"Food & Beverage", false},
	{"Home & Garden", false},
	{"Manufacturing", true},
}

var subjects = [...]string{
	"Your weekly picks, chosen for you",
	"Save 20% on everything, today only",
	"Last chance: \"free shipping\" ends tonight",
	"🎉 You are in, and here is your gift",
	"New arrivals you have not seen yet",
	"Still thinking it over?",
	"How other teams cut costs, in 5 charts",
	"Back in stock: the \"weekender\" bag",
	"We saved your cart",
	"Members first: early access starts now",
	"3 ideas for a better Monday",
	"The guide you asked for",
	"Rate your last order, get 10% off",
	"⏰ 48 hours left",
	"What \"good\" looks like, and how to get there",
	"Your monthly summary",
}

var firstWords = [...]string{
	"Amber", "Bright", "Cedar", "Copper", "Coral", "Distant", "Early", "Fern", "Gentle", "Granite", "Harbor", "Indigo",
	"Juniper", "Linden", "Lunar", "Maple", "Mellow", "Nimble", "Opal", "Quiet", "River", "Saffron", "Silver", "Velvet",
}

var secondWords = [...]string{
	"Anchor", "Arch", "Basket", "Bridge", "Canvas", "Compass", "Field", "Foundry", "Garden", "Harvest", "Kettle", "Lantern",
	"Loom", "Meadow", "Mill", "Orchard", "Outpost", "Parcel", "Pine", "Ridge", "Sail", "Studio", "Table", "Workshop",
}

// clientName gives a different name to each client: two words, and a number once all pairs are used up.
func clientName(seed uint64, no uint32) string {
	const pairs = uint64(len(firstWords) * len(secondWords))
	const step = 245 // shares no factor with pairs, so it visits each of them once
	at := (uint64(no)*step + mix(seed)) % pairs
	name := firstWords[at%uint64(len(firstWords))] + " " + secondWords[at/uint64(len(firstWords))]
	if round := uint64(no) / pairs; round > 0 {
		name += " " + strconv.FormatUint(round+1, 10)
	}
	switch mix(seed+uint64(no)) % 10 {
	case 0:
		name += ", Inc."
	case 1:
		name += " & Co."
	}
	return name
}
