package sample

// table numbers the raw files. The numbers seed the draws of each table: appending one keeps the data of the others.
type table int

const (
	tableGoogle table = iota
	tableFacebook
	tableEmail
	tableWeb
	tableClients
	tableRevenue
	numTables
)

// channels have campaigns; they are the first tables.
const numChannels = int(tableEmail) + 1

// spec is what tells one raw file from another.
type spec struct {
	name     string
	header   string // first line
	campaign string // prefix of campaign ids, "" for a table without campaigns
	dated    bool
	freeText bool // a column may hold commas and quotes
	json     bool
}

// specs is read only.
var specs = [numTables]spec{
	tableGoogle: {
		name: "google_ads.csv", campaign: "G", dated: true,
		header: "campaign_id,client_id,date,clicks,impressions,cost_usd,device_type,geo",
	},
	tableFacebook: {name: "facebook_ads.json", campaign: "FB", dated: true, json: true, header: "["},
	tableEmail: {
		name: "email_campaigns.csv", campaign: "E", dated: true, freeText: true,
		header: "email_id,client_id,date,emails_sent,open_rate,click_rate,subject_line",
	},
	tableWeb: {
		name: "web_traffic.csv", dated: true,
		header: "client_id,date,pageviews,sessions,bounce_rate,avg_session_duration",
	},
	tableClients: {
		name: "clients.csv", freeText: true,
		header: "client_id,name,industry,account_manager,signup_date",
	},
	tableRevenue: {
		name: "revenue.csv", dated: true,
		header: "client_id,date,channel,attributed_revenue",
	},
}

// jsonTail closes the array. Appending replaces it.
const jsonTail = "\n]\n"
