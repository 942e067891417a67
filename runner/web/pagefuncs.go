package web

import (
	"html/template"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"elt/runner/web/format"
	"elt/runner/web/table"
)

// pageFuncs are what templates can call beside asset and raw.
func pageFuncs(a *assets) template.FuncMap {
	return template.FuncMap{
		"preload": a.preload,
		"place": func(area, name, href, label string) place {
			return place{Href: href, Name: label, Current: area == name}
		},
		"code":     code,
		"count":    count,
		"figure":   figure,
		"people":   format.Place,
		"day":      format.Day,
		"size":     format.Bytes,
		"filetype": func(format string) string { return fileTypes[format] },
		"numeric":  format.Numeric,
		"words":    format.Words,
		"cell":     cellOf,
	}
}

// place is an entry of the navigation.
type place struct {
	Href, Name string
	Current    bool
}

var fileTypes = map[string]string{"csv": "CSV", "parquet": "Parquet"}

// preload lets the browser fetch at once what a script will import.
func (a *assets) preload(name string) template.HTML {
	var b strings.Builder
	for _, chunk := range a.imports[name] {
		b.WriteString(`<link rel="modulepreload" href="/assets/` + template.HTMLEscapeString(chunk) + `">`)
	}
	return template.HTML(b.String()) //nolint:gosec // names of our own files, escaped
}

var backquoted = regexp.MustCompile("`([^`]+)`")

// code makes a sentence of a message: with a capital, and what stands between backquotes set as code.
func code(text string) template.HTML {
	if first, size := utf8.DecodeRuneInString(text); size > 0 {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	return template.HTML(backquoted.ReplaceAllString(template.HTMLEscapeString(text), "<code>$1</code>")) //nolint:gosec // escaped
}

func count(n any) string {
	switch n := n.(type) {
	case int:
		return format.Number(float64(n), 0)
	case int64:
		return format.Number(float64(n), 0)
	default:
		return format.None
	}
}

// cell is a cell of a table as templates show it.
type cell struct{ Text, Class string }

func cellOf(v any, c table.Column) cell {
	shown := cell{Text: format.Cell(v, c.Name, c.Type)}
	switch {
	case format.Numeric(c.Type):
		shown.Class = "number"
	case v == nil:
		shown.Class = "null"
	case strings.HasPrefix(c.Type, "DATE"), strings.HasPrefix(c.Type, "TIME"):
		shown.Class = "date"
	case len(shown.Text) > 60:
		shown.Class = "long"
	}
	return shown
}

// Sorted says how a column is sorted, for aria-sort.
func (d reportData) Sorted(column string) string {
	switch {
	case d.Window.Sort != column:
		return "none"
	case d.Window.Desc:
		return "descending"
	default:
		return "ascending"
	}
}

// SortURL is where a click on the head of a column leads. Numbers begin with the largest.
func (d reportData) SortURL(c table.Column) string {
	descending := format.Numeric(c.Type)
	if d.Window.Sort == c.Name {
		descending = !d.Window.Desc
	}
	return d.url(c.Name, descending, 0)
}

func (d reportData) url(sort string, descending bool, offset int) string {
	q := url.Values{}
	if sort != "" {
		q.Set("sort", sort)
	}
	if descending {
		q.Set("desc", "true")
	}
	if offset > 0 {
		q.Set("offset", strconv.Itoa(offset))
	}
	return "/reports/" + url.PathEscape(d.Report.Name) + "?" + q.Encode()
}

// First and Last count the rows that are shown, from 1.
func (d reportData) First() int { return min(d.Window.Offset+1, d.Last()) }

// Last is the number of the last row that is shown.
func (d reportData) Last() int { return d.Window.Offset + len(d.Page.Table.Rows) }

// Earlier is where the rows before are; empty where there are none.
func (d reportData) Earlier() string {
	if d.Window.Offset == 0 {
		return ""
	}
	return d.url(d.Window.Sort, d.Window.Desc, max(0, d.Window.Offset-d.Window.Limit))
}

// Later is where the next rows are; empty where there are none.
func (d reportData) Later() string {
	if int64(d.Last()) >= d.Page.Total {
		return ""
	}
	return d.url(d.Window.Sort, d.Window.Desc, d.Last())
}
