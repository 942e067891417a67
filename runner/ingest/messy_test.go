package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"elt/runner"
	"elt/runner/ingest"
)

// messy is a file as it arrives in real life, and what becomes of it.
type messy struct {
	name     string
	file     string // its name; empty: x.csv
	text     string
	columns  string // separated by commas; empty: id, date, clicks, cost
	load     runner.Load
	rows     []string
	rejected []string
	warnings []string
	fails    string // the error, without what stands before the message, and its hint's first words
}

func TestWhatArrivesInRealLife(t *testing.T) {
	for _, group := range [][]messy{encodings(), shapes(), headers(), cells(), moments(), objects(), oddities()} {
		for _, m := range group {
			t.Run(m.name, func(t *testing.T) { m.check(t) })
		}
	}
}

func (m messy) check(t *testing.T) {
	if m.file == "" {
		m.file = "x.csv"
	}
	if m.columns == "" {
		m.columns = "id varchar!,date date!,clicks bigint,cost decimal(18;2)"
	}
	b := newBench(t, m.file, strings.Split(m.columns, ",")...)
	files, pos := b.source.Load.Files, b.source.Load.Pos
	*b.source.Load = m.load
	b.source.Load.Files, b.source.Load.Pos = files, pos
	b.write(m.file, m.text)
	r, err := b.load()
	if m.fails != "" {
		var e *runner.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, runner.CodeLoad, e.Code)
		require.Equal(t, m.fails, e.Error())
		require.NotEmpty(t, e.Hint)
		require.Equal(t, []string{}, b.query("select table_name from information_schema.tables where table_name like 'google%' union all select file from _elt.rejects"))
		return
	}
	require.NoError(t, err)
	require.Equal(t, nonNil(m.rows), b.rows())
	require.Equal(t, nonNil(m.rejected), b.rejected())
	require.Equal(t, m.warnings, r.Files[0].Warnings)
	require.Equal(t, []int64{int64(len(m.rows)), int64(len(m.rejected))}, []int64{r.Rows, r.Rejected})
}

func nonNil(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

const head = "id,date,clicks,cost\n"

func utf16(text string, e unicode.Endianness, bom unicode.BOMPolicy) string {
	out, err := unicode.UTF16(e, bom).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

func encodings() []messy {
	rows := []string{"G1|2024-12-01|5|1.50", "Zoë 🙂|2024-12-02|6|2.00"}
	text := head + "G1,2024-12-01,5,1.50\nZoë 🙂,2024-12-02,6,2\n"
	crlf := strings.ReplaceAll(text, "\n", "\r\n")
	return []messy{
		{name: "emoji and accents", text: text, rows: rows},
		{name: "byte order mark", text: "\ufeff" + text, rows: rows},
		{name: "UTF-16 LE with mark", text: utf16(text, unicode.LittleEndian, unicode.UseBOM), rows: rows},
		{name: "UTF-16 BE with mark", text: utf16(crlf, unicode.BigEndian, unicode.UseBOM), rows: rows},
		{name: "UTF-16 LE without mark", text: utf16(text, unicode.LittleEndian, unicode.IgnoreBOM), rows: rows},
		{name: "UTF-16 BE without mark", text: utf16(text, unicode.BigEndian, unicode.IgnoreBOM), rows: rows},
		{name: "CRLF", text: crlf, rows: rows},
		{name: "CR alone", text: strings.ReplaceAll(text, "\n", "\r"), rows: rows},
		{name: "mixed line ends", text: strings.Replace(text, "\n", "\r\n", 1), rows: rows},
		{name: "no final newline", text: strings.TrimSuffix(text, "\n"), rows: rows},
		{name: "CRLF, no final newline", text: strings.TrimSuffix(crlf, "\r\n"), rows: rows},
		{
			name: "Latin-1", text: head + "G1,2024-12-01,5,1.5\nZo\xeb,2024-12-02,6,2\n", rows: rows[:1],
			rejected: []string{"3|∅|Zo\uFFFD,2024-12-02,6,2|expected UTF-8; the bytes are those of another encoding, such as Latin-1 or Windows-1252"},
		},
	}
}

// cutOff is the warning of a file that breaks off.
func cutOff(line int) string {
	return fmt.Sprintf("looks cut off: its last line, %d, breaks off; what came behind it is missing, so have the file delivered again", line)
}

func shapes() []messy {
	return []messy{
		{name: "cut off in a row", text: head + "G1,2024-12-01,5,1\nG2,2024-1", rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|∅|G2,2024-1|expected 4 fields, found 2"}, warnings: []string{cutOff(3)}},
		{
			name: "cut off in quotes", text: head + "G1,2024-12-01,5,1\n\"G2, ne", rows: []string{"G1|2024-12-01|5|1.00"}, warnings: []string{cutOff(3)},
			rejected: []string{`3|∅|"G2, ne|a quote is opened and not closed before the end of the field (a quote inside a value is written twice: "")`},
		},
		{name: "a short row at the end", text: head + "G1,2024-12-01,5,1\nG2,2024-1\n", rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|∅|G2,2024-1|expected 4 fields, found 2"}},
		{name: "a total without a line end", text: head + "G1,2024-12-01,5,1\nTotal,5", rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|∅|Total,5|looks like a total row: expected 4 fields, found 2"}},
		{
			name: "NUL characters", text: head + "G\x001,2024-12-01,5,1\n\x00,2024-12-01,5,1\nG3,2024-12-01,\x005,1\n", rows: []string{"G1|2024-12-01|5|1.00"}, warnings: []string{"NUL characters are left out of id, 2 times, first on line 2"},
			rejected: []string{"3|id|\x00|expected a value", "4|clicks|\x005|expected a whole number"},
		},
		{name: "quoted commas and newlines", text: head + "\"G,\n1\",2024-12-01,5,1\nG2,2024-12-01,6,\"2\"\n", rows: []string{"G,\n1|2024-12-01|5|1.00", "G2|2024-12-01|6|2.00"}},
		{
			name: "ragged rows", text: head + "G1,2024-12-01,5,1\nG2,2024-12-01\nG3,2024-12-01,5,1,9\n\nG4,2024-12-01,5,1,\n",
			rows:     []string{"G1|2024-12-01|5|1.00", "G4|2024-12-01|5|1.00"},
			rejected: []string{"3|∅|G2,2024-12-01|expected 4 fields, found 2", "4|∅|G3,2024-12-01,5,1,9|expected 4 fields, found 5"},
		},
		{name: "blank lines", text: head + "\nG1,2024-12-01,5,1\n\n\nG2,2024-12-01,,\n\n", rows: []string{"G1|2024-12-01|5|1.00", "G2|2024-12-01|∅|∅"}},
		{
			name: "rows of commas", text: head + "G1,2024-12-01,5,1\n,,,\n", columns: "id varchar,date date,clicks bigint",
			rows: []string{"G1|2024-12-01|5"}, rejected: []string{"3|∅|,,,|expected a value in at least one declared column"},
			warnings: []string{"undeclared columns are left out: cost"},
		},
		{
			name: "total row", text: head + "G1,2024-12-01,5,1\nTotal,,5,1\n", columns: "id varchar,date date,clicks bigint,cost decimal(18;2)",
			rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|∅|Total,,5,1|looks like a total row: it lacks values that other rows have"},
		},
		{
			name: "total row where a date must be", text: head + "G1,2024-12-01,5,1\nGrand Total,,5,1\n",
			rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|date|∅|looks like a total row: expected a value"},
		},
		{
			name: "ragged total row", text: head + "G1,2024-12-01,5,1\n\"TOTAL:\",5\n",
			rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|∅|\"TOTAL:\",5|looks like a total row: expected 4 fields, found 2"},
		},
		{name: "a client called Total", text: head + "Total,2024-12-01,5,1\n", rows: []string{"Total|2024-12-01|5|1.00"}},
		{
			name: "open quote", text: head + "\"G1,2024-12-01,5,1\nG2,2024-12-01,6,1\n\"G3\",2024-12-01,7,1\n",
			rows:     []string{"G2|2024-12-01|6|1.00", "G3|2024-12-01|7|1.00"},
			rejected: []string{"2|∅|\"G1,2024-12-01,5,1|a quote is opened and not closed before the end of the field (a quote inside a value is written twice: \"\")"},
		},
		{
			name: "open quote to the end", text: head + "G1,2024-12-01,5,1\nG2,2024-12-01,5,\"1\nG3,2024-12-01,6,1\n",
			rows:     []string{"G1|2024-12-01|5|1.00", "G3|2024-12-01|6|1.00"},
			rejected: []string{"3|∅|G2,2024-12-01,5,\"1|a quote is opened and not closed before the end of the field (a quote inside a value is written twice: \"\")"},
		},
		{name: "zero bytes", text: "", fails: "x.csv: is empty (0 bytes)"},
		{name: "blank file", text: "\n\n", fails: "x.csv:1: has no header: there are blank lines only"},
		{name: "header only", text: head, warnings: []string{"has a header and no data"}},
		{name: "header only, no newline", text: strings.TrimSpace(head), warnings: []string{"has a header and no data"}},
	}
}

func headers() []messy {
	row := []string{"G1|2024-12-01|5|1.00"}
	return []messy{
		{name: "preamble", text: "Report \"x\"\n\nRange: 2024, December\n" + head + "G1,2024-12-01,5,1\n", rows: row, warnings: []string{"the header is on line 4; what stands above is left out"}},
		{name: "other case, order and spaces", text: " Cost ,CLICKS,\"Date\",\ufeffId\n1,5,2024-12-01,G1\n", rows: row},
		{name: "aliases", text: "campaign-id,Day,clicks,Cost (USD)\nG1,2024-12-01,5,1\n", columns: "id varchar! campaign_id,date date! day,clicks bigint,cost decimal(18;2) cost_usd", rows: row},
		{name: "semicolons", text: "id;date;clicks;cost\nG1;2024-12-01;5;1\n", rows: row},
		{name: "tabs", file: "x.tsv", text: "id\tdate\tclicks\tcost\nG1\t2024-12-01\t5\t1\n", rows: row},
		{name: "bars", text: "id|date|clicks|cost\nG1|2024-12-01|5|1\n", rows: row},
		{name: "declared delimiter", text: "id:date:clicks:cost\nG1:2024-12-01:5:1\n", load: runner.Load{Delimiter: ":"}, rows: row},
		{name: "extra column", text: "id,note,date,clicks,cost\nG1,\"a,b\",2024-12-01,5,1\n", rows: row, warnings: []string{"undeclared columns are left out: note"}},
		{name: "optional column", text: "id,date,cost\nG1,2024-12-01,1\n", columns: "id varchar!,date date!,clicks bigint?,cost decimal(18;2)", rows: []string{"G1|2024-12-01|∅|1.00"}},
		{name: "missing column", text: "id,date,click,cost\nG1,2024-12-01,5,1\n", fails: "x.csv:1: lacks the column clicks; found id, date, click, cost"},
		{name: "missing columns", text: "id,click,cost\nG1,5,1\n", fails: "x.csv:1: lacks the columns date, clicks; found id, click, cost"},
		{name: "no header", text: "G1,2024-12-01,5,1\n", fails: "x.csv:1: names none of the declared columns; found G1, 2024-12-01, 5, 1"},
		{name: "gzip by the name of CSV", text: "\x1f\x8b\x08\x00\x00", fails: "x.csv: is compressed with gzip, not text"},
		{name: "a workbook", text: "PK\x03\x04\x14\x00\n\x08", fails: "x.csv: is a ZIP archive or an Excel workbook, not text"},
		{name: "binary data", text: "a\x1b[2J\x07,b\n\x01", fails: "x.csv: is binary data, not text"},
		{name: "a sign that steers the terminal", text: "a\u009b2J,b\n1,2\n", fails: "x.csv:1: names none of the declared columns; found a\uFFFD2J, b"},
		{name: "duplicate header", text: "id,date,clicks,cost,Clicks\nG1,2024-12-01,5,1,6\n", fails: "x.csv:1: names the column clicks twice, as fields 3 and 5"},
		{name: "duplicate extra header", text: "id,date,clicks,cost,n,n\nG1,2024-12-01,5,1,6,7\n", rows: row, warnings: []string{"undeclared columns are left out: n, n"}},
	}
}

func cells() []messy {
	cost := func(values ...string) string {
		return "id,cost\n" + strings.Join(values, "\n") + "\n"
	}
	columns := "id varchar!,cost decimal(18;2)"
	return []messy{
		{
			name: "nothing", text: cost("a,", "b,--", "c,N/A", "d,null", "e,NULL", "f,None", "g,nan", "h, - ", "i,\"\""), columns: columns,
			rows: []string{"a|∅", "b|∅", "c|∅", "d|∅", "e|∅", "f|∅", "g|∅", "h|∅", "i|∅"},
		},
		{name: "Namibia", text: "id,geo\na,NA\nb,N/A\nc,None\nd,\n", columns: "id varchar,geo varchar", rows: []string{"a|NA", "b|∅", "c|None", "d|∅"}},
		{name: "declared nothing", text: cost("a,keine", "b,5"), columns: columns, load: runner.Load{NullValues: []string{"keine"}}, rows: []string{"a|∅", "b|5.00"}},
		{
			name: "money", text: cost(`a,"$1,005.50"`, `b,"1,234"`, "c,$5", `d,"1.234,56"`, "e,(123.45)", "f,-$3", "g,5 $", `h,"1,234,567.891"`, "i,-12.345", "j,12.345", "k,1 234.5"), columns: columns,
			rows: []string{"a|1005.50", "b|1234.00", "c|5.00", "d|1234.56", "e|-123.45", "f|-3.00", "g|5.00", "h|1234567.89", "i|-12.35", "j|12.35", "k|1234.50"},
		},
		{
			name: "other currencies", text: cost("a,5", "b,€5", "c,5 £"), columns: columns, rows: []string{"a|5.00"},
			rejected: []string{
				"3|cost|€5|expected a number or an amount in dollars; convert other currencies first, or take their sign off",
				"4|cost|5 £|expected a number or an amount in dollars; convert other currencies first, or take their sign off",
			},
		},
		{
			name: "doubtful comma", text: cost(`a,"1,5"`, `b,"12,34,567"`), columns: columns,
			rejected: []string{
				"2|cost|1,5|the comma is neither a decimal mark nor parts thousands; if it is the decimal mark, declare `decimal: \",\"`",
				"3|cost|12,34,567|expected a number such as 1234.56",
			},
		},
		{
			name: "decimal comma", text: "id;cost\na;1.234,56\nb;1,5\nc;1.234\nd;1,234.5\ne;7\nf;1.5\n", columns: columns, load: runner.Load{Decimal: ","},
			rows:     []string{"a|1234.56", "b|1.50", "c|1234.00", "d|1234.50", "e|7.00"},
			rejected: []string{"7|cost|1.5|the point is neither a decimal mark nor parts thousands; if it is the decimal mark, declare `decimal: \".\"`"},
		},
		{name: "per cent", text: "id,rate\na,0.54%\nb,25 %\nc,0.25\nd,25\n", columns: "id varchar,rate double", rows: []string{"a|0.0054", "b|0.25", "c|0.25", "d|25.0"}},
		{
			name: "ids", text: "id,cost\n007,1\n12345678901234567890,1\n1.2E+15,1\n 5 ,1\n", columns: columns,
			rows: []string{"007|1.00", "12345678901234567890|1.00", "1.2E+15|1.00", " 5 |1.00"},
		},
		{
			name: "whole numbers", text: "id,n\na,12.0\nb,1e3\nc,12.7\nd,9223372036854775808\ne,+5\nf,1.234.567\ng,$5\n", columns: "id varchar,n bigint",
			rows:     []string{"a|12", "b|1000", "e|5", "f|1234567", "g|5"},
			rejected: []string{"4|n|12.7|expected a whole number", "5|n|9223372036854775808|expected a whole number of at most 18 digits"},
		},
		{
			name: "too large", text: cost("a,99999999999999999", "b,9999999999999999.99", "c,9999999999999999.995"), columns: columns,
			rows: []string{"b|9999999999999999.99"},
			rejected: []string{
				"2|cost|99999999999999999|expected at most 16 digits before the decimal mark (decimal(18,2))",
				"4|cost|9999999999999999.995|expected at most 16 digits before the decimal mark (decimal(18,2))",
			},
		},
		{name: "credits and refunds", text: cost("a,-5.25"), columns: columns, rows: []string{"a|-5.25"}},
		{
			name: "booleans", text: "id,ok\na,true\nb,NO\nc,1\nd,maybe\n", columns: "id varchar,ok boolean",
			rows: []string{"a|true", "b|false", "c|true"}, rejected: []string{"5|ok|maybe|expected true or false (yes, no, 1 and 0 will do)"},
		},
	}
}

func moments() []messy {
	const want = "expected a date such as 2024-12-31"
	return []messy{
		{
			name: "impossible dates", text: "id,date\na,2024-02-30\nb,2024-13-01\nc,2023-02-29\nd,2024-02-29\ne,2099-01-01\n", columns: "id varchar,date date",
			rows:     []string{"d|2024-02-29", "e|2099-01-01"},
			rejected: []string{"2|date|2024-02-30|expected a date that exists", "3|date|2024-13-01|expected a date that exists", "4|date|2023-02-29|expected a date that exists"},
		},
		{
			name: "mixed date formats", text: "id,date\na,2024-12-01\nb,31/12/2024\nc,12/31/2024\nd,01.02.2024\ne,Dec 1\n", columns: "id varchar,date date", rows: []string{"a|2024-12-01"},
			rejected: []string{
				"3|date|31/12/2024|" + want + `; declare date_formats: ["%d/%m/%Y"]`, "4|date|12/31/2024|" + want + `; declare date_formats: ["%m/%d/%Y"]`,
				"5|date|01.02.2024|" + want + `; declare date_formats: ["%d.%m.%Y"] (day first) or ["%m.%d.%Y"] (month first)`, "6|date|Dec 1|" + want,
			},
		},
		{
			name: "declared date formats", text: "id,date\na,31/12/2024\nb,\"Dec 1, 2024\"\nc,2024-12-02\nd,30/02/2024\ne,1.2.2024\n", columns: "id varchar,date date",
			load: runner.Load{DateFormats: []string{"%d/%m/%Y", "%b %d, %Y"}}, rows: []string{"a|2024-12-31", "b|2024-12-01", "c|2024-12-02"},
			rejected: []string{
				"5|date|30/02/2024|expected a date that exists",
				"6|date|1.2.2024|" + want + ` or in one of the declared date_formats; declare date_formats: ["%d.%m.%Y"] (day first) or ["%m.%d.%Y"] (month first)`,
			},
		},
		{
			name: "time stamps as dates", text: "id,date\na,2024-12-01T23:30:00-05:00\nb,2024-12-01 00:00:00\nc,2024-12-01T10:00:00.123Z\n", columns: "id varchar,date date",
			rows: []string{"a|2024-12-01", "b|2024-12-01", "c|2024-12-01"},
		},
		{
			name: "time stamps", text: "id,at\na,2024-12-01T23:30:00-05:00\nb,2024-12-01\nc,2024-12-01 10:00:00.5\nd,2024-12-01 25:00:00\n", columns: "id varchar,at timestamp",
			rows: []string{"a|2024-12-02 04:30:00", "b|2024-12-01 00:00:00", "c|2024-12-01 10:00:00.5"}, rejected: []string{"5|at|2024-12-01 25:00:00|expected a date that exists"},
		},
		{
			name: "durations", text: "id,spent\na,26:00:00\nb,2:10\nc,1:75:00\nd,00:02:30\ne,75\nf,1:02:61\ng,75:30\nh,12.5\ni,-1:00\n", columns: "id varchar,spent duration",
			rows: []string{"a|93600", "b|130", "d|150", "e|75", "g|4530"},
			rejected: []string{
				"4|spent|1:75:00|expected a duration with minutes of at most 59", "7|spent|1:02:61|expected a duration with seconds of at most 59",
				"9|spent|12.5|expected a duration such as 1:02:03, 02:03 or whole seconds", "10|spent|-1:00|expected a duration such as 1:02:03, 02:03 or whole seconds",
			},
		},
	}
}

func objects() []messy {
	columns := "id varchar!,n bigint,cost decimal(18;2)"
	return []messy{
		{name: "empty array", file: "x.json", text: "[]", columns: columns, warnings: []string{"has no objects"}},
		{name: "byte order mark in JSON", file: "x.json", text: "\ufeff [ {\"id\":\"a\",\"n\":1,\"cost\":2} ]\n", columns: columns, rows: []string{"a|1|2.00"}},
		{name: "lines for an array", file: "x.json", text: "{\"id\":\"a\",\"n\":1,\"cost\":2}\n\n{\"id\":\"b\",\"n\":2,\"cost\":3}", columns: columns, rows: []string{"a|1|2.00", "b|2|3.00"}},
		{name: "an array for lines", file: "x.ndjson", text: `[{"id":"a","n":1,"cost":2}]`, columns: columns, rows: []string{"a|1|2.00"}},
		{name: "numbers as strings", file: "x.json", text: `[{"id":1234567890123456789012,"n":"1","cost":"$1,005.50"},{"id":"007","n":"","cost":0.1}]`, columns: columns, rows: []string{"1234567890123456789012|1|1005.50", "007|∅|0.10"}},
		{name: "infinity, as Python writes it", file: "x.json", text: `[{"id":"a","n":1,"cost":Infinity},{"id":"b","n":-Infinity,"cost":1},{"id":"c","n":1,"cost":1}]`, columns: columns, rows: []string{"c|1|1.00"}, rejected: []string{"1|cost|Infinity|expected a number such as 1234.56", "1|n|-Infinity|expected a whole number"}},
		{name: "nulls and missing keys", file: "x.json", text: `[{"id":"a","n":null,"cost":NaN},{"id":"b","cost":2},{"n":3}]`, columns: columns, rows: []string{"a|∅|∅", "b|∅|2.00"}, rejected: []string{"1|id|∅|expected a value"}},
		{
			name: "nested objects", file: "x.json", text: "[{\"id\":\"a\",\"n\":1,\"cost\":2,\"geo\":{\"x\":[1,\"}\"]}},\n{\"id\":{\"v\":1},\"n\":1,\"cost\":2},\n{\"id\":\"c\",\"n\":[1],\"cost\":2},{}]", columns: columns, rows: []string{"a|1|2.00"},
			rejected: []string{`2|id|{"v":1}|expected one value, found an object`, "3|n|[1]|expected one value, found a list", "3|id|∅|expected a value"}, warnings: []string{"undeclared keys are left out: geo"},
		},
		{
			name: "elements that are no objects", file: "x.json", text: "[{\"id\":\"a\",\"n\":1,\"cost\":2},\n 5, [1],\n\"x\"]", columns: columns, rows: []string{"a|1|2.00"},
			rejected: []string{"2|∅|5|expected an object", "2|∅|[1]|expected an object", "3|∅|\"x\"|expected an object"},
		},
		{
			name: "a broken line", file: "x.json", text: "{\"id\":\"a\",\"n\":1,\"cost\":2}\n{\"id\":\"b\",\"n\":1\n{\"id\":\"c\",\"n\":1,,}\n{\"id\":\"d\",\"n\":4,\"cost\":1} x\n{\"id\":\"e\",\"n\":true}\n", columns: columns, rows: []string{"a|1|2.00"},
			rejected: []string{
				`2|∅|{"id":"b","n":1|expected a whole JSON object on the line; it ends too early`, `3|∅|{"id":"c","n":1,,}|expected a key in double quotes at column 17`,
				`4|∅|{"id":"d","n":4,"cost":1} x|expected the end of the line at column 27`, "5|n|true|expected a bigint, found true",
			},
		},
		{name: "cut off", file: "x.json", text: "[{\"id\":\"a\",\"n\":1,\"cost\":2},\n {\"id\":\"b\",", columns: columns, fails: "x.json:2:12: the array is cut off: expected ] at its end (1 elements before it are whole)"},
		{name: "no comma", file: "x.json", text: "[{\"id\":\"a\",\"n\":1,\"cost\":2}\n {\"id\":\"b\"}]", columns: columns, fails: "x.json:2:2: expected a comma or ] after an element (1 elements before it are whole)"},
		{name: "trailing comma", file: "x.json", text: "[{\"id\":\"a\",\"n\":1,\"cost\":2},]", columns: columns, fails: "x.json:1:28: expected a value (1 elements before it are whole)"},
		{name: "text behind the array", file: "x.json", text: "[] x", columns: columns, fails: "x.json:1:4: expected nothing after the array (0 elements before it are whole)"},
		{name: "no JSON", file: "x.json", text: "id,n\n", columns: columns, fails: "x.json:1:1: expected an array of objects, or one object a line (0 elements before it are whole)"},
		{name: "an answer around the array", file: "x.json", text: `{"data":[{"id":"a","n":1,"cost":2}],"next":null}`, columns: columns, fails: "x.json:1: names none of the declared columns; found data, next"},
		{name: "a renamed key", file: "x.json", text: `[{"id":"a","n":1,"costs":2}]`, columns: columns, fails: "x.json:1: no object has the key cost"},
		{name: "a key twice", file: "x.json", text: `[{"id":"a","n":1,"cost":2,"n":3}]`, columns: columns, rows: []string{"a|3|2.00"}, warnings: []string{"of keys that come twice in an object the last one counts: n, once, on line 1"}},
		{
			name: "two keys of one column", file: "x.ndjson", text: "{\"id\":\"a\",\"n\":1,\"cost\":2,\"spend\":3}\n{\"id\":\"b\",\"n\":1,\"spend\":3,\"cost\":2}\n", columns: "id varchar!,n bigint,cost decimal(18;2) spend",
			rows: []string{"a|1|3.00", "b|1|2.00"}, warnings: []string{"of keys that come twice in an object the last one counts: cost, 2 times, first on line 1"},
		},
		{
			name: "NUL characters in JSON", file: "x.json", text: `[{"id":"\u0000a\u0000","n":1,"cost":2},{"id":"\u0000","n":1,"cost":2}]`, columns: columns, rows: []string{"a|1|2.00"},
			rejected: []string{"1|id|\x00|expected a value"}, warnings: []string{"NUL characters are left out of id, 2 times, first on line 1"},
		},
		{name: "an answer around the array, over several lines", file: "x.json", text: "{\"data\": [\n{\"id\":\"a\",\"n\":1,\"cost\":2},\n{\"id\":\"b\"}]}", columns: columns, fails: "x.json:1:1: expected an array of objects, or one object a line; found an object over several lines: where it wraps the array, take that out, as in jq .data (0 elements before it are whole)"},
		{
			name: "lines cut off", file: "x.ndjson", text: "{\"id\":\"a\",\"n\":1,\"cost\":2}\n{\"id\":\"b\",\"n", columns: columns, rows: []string{"a|1|2.00"},
			rejected: []string{`2|∅|{"id":"b","n|expected a whole JSON object on the line; it ends too early`}, warnings: []string{cutOff(2)},
		},
		{name: "keys in other case, aliases, escapes", file: "x.json", text: `[{"ID":"\u00e9\ud83d\ude42\"","N":1,"spend":2}]`, columns: "id varchar!,n bigint,cost decimal(18;2) spend", rows: []string{"é🙂\"|1|2.00"}},
		{name: "points in numbers whatever is declared", file: "x.json", text: `[{"id":"a","n":1,"cost":1.234},{"id":"b","n":1,"cost":"1.234"}]`, columns: columns, load: runner.Load{Decimal: ","}, rows: []string{"a|1|1.23", "b|1|1234.00"}},
	}
}

func oddities() []messy {
	return []messy{
		{name: "clicks above impressions, rates as 25, future dates", text: "id,date,clicks,impressions,rate\nG1,2099-01-01,9,5,25\n", columns: "id varchar,date date,clicks bigint,impressions bigint,rate double", rows: []string{"G1|2099-01-01|9|5|25.0"}},
		{name: "the same row twice", text: head + "G1,2024-12-01,5,1\nG1,2024-12-01,5,1\n", rows: []string{"G1|2024-12-01|5|1.00", "G1|2024-12-01|5|1.00"}},
		{name: "first bad row fails", text: head + "G1,2024-12-01,5,1\nÉ\"2,2024-12-01,x,1\n", load: runner.Load{OnError: runner.Fail}, fails: `x.csv:3:16: column clicks: expected a whole number, found "x"`},
		{name: "unknown ending", file: "x.dat", text: head, fails: "x.dat: its ending does not tell its format"},
		{name: "a workbook", file: "x.xlsx", text: "PK\x03\x04", fails: "x.xlsx: is in a format that is not read here"},
		{name: "declared format", file: "x.dat", text: head + "G1,2024-12-01,5,1\n", load: runner.Load{Format: "csv"}, rows: []string{"G1|2024-12-01|5|1.00"}},
		{
			name: "too many bad rows", text: head + "G1,2024-12-01,5,1\nG2,2024-12-01,x,1\n", load: runner.Load{MaxRejected: runner.Threshold{Set: true, Value: 10, Percent: true}},
			fails: "models/sources.yml:7:5: 1 of 2 data lines of google_ads were rejected, but max_rejected is 10%",
		},
		{
			name: "not too many bad rows", text: head + "G1,2024-12-01,5,1\nG2,2024-12-01,x,1\n", load: runner.Load{MaxRejected: runner.Threshold{Set: true, Value: 1}},
			rows: []string{"G1|2024-12-01|5|1.00"}, rejected: []string{"3|clicks|x|expected a whole number"},
		},
	}
}

func TestTooManyBadRowsNameTheReasons(t *testing.T) {
	b := newBench(t, "x.csv", "id varchar", "n bigint")
	b.source.Load.MaxRejected = runner.Threshold{Set: true}
	b.write("x.csv", "id,n\na,x\nb,y\nc\nd,2024\n")
	_, err := b.load()
	var e *runner.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "  2 × n: expected a whole number (first: x.csv:2:3)\n  1 × expected 2 fields, found 1 (first: x.csv:4)\n", e.Excerpt)
}

func TestTypes(t *testing.T) {
	for text, want := range map[string]string{
		"": "varchar", "Text": "varchar", "STRING": "varchar", "int": "bigint", "integer": "bigint", "float": "double", "numeric(10, 2)": "decimal(10,2)",
		"decimal": "decimal(18,3)", "decimal(5)": "decimal(5,0)", " Date ": "date", "timestamp": "timestamp", "duration": "duration", "bool": "boolean",
	} {
		got, err := ingest.ParseType(text)
		require.NoError(t, err)
		require.Equal(t, want, got.String(), text)
	}
	for _, text := range []string{"datee", "decimal(40,2)", "decimal(5,6)", "decimal(0,0)", "decimal(", "json"} {
		_, err := ingest.ParseType(text)
		require.Error(t, err, text)
	}
	_, err := ingest.ParseType("datee")
	require.ErrorContains(t, err, `did you mean "date"?`)
}

func TestRejectsOfJSONTellWhichObject(t *testing.T) {
	b := newBench(t, "x.json", "id varchar!", "n bigint")
	b.write("x.json", "[{\"id\":\"é\",\"n\":1}, {\"id\":\"b\",\"n\":\"x\"},\n  {\"id\":null,\"n\":1}]")
	r, err := b.load()
	require.NoError(t, err)
	require.Equal(t, []string{"1|2|n", "2|3|id"}, b.query(`select line, element, "column" from _elt.rejects order by element`))
	require.Equal(t, []string{"1 × id: expected a value (first: x.json:2:3)", "1 × n: expected a whole number (first: x.json:1:20)"}, r.Reasons)
}

func TestATableOfRejectsGrows(t *testing.T) {
	b := newBench(t, "x.csv", "id varchar!", "n bigint")
	require.NoError(t, b.db.Exec(t.Context(), "alter table _elt.rejects drop column element", ingest.GrowRejects(rejects), ingest.GrowRejects(rejects)))
	b.write("x.csv", "id,n\na,x\n")
	_, err := b.load()
	require.NoError(t, err)
	require.Equal(t, []string{"2|∅"}, b.query("select line, element from _elt.rejects"))
}
