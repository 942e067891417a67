// Package web serves the dashboard, the run console and the catalogue: pages rendered on the server, the JSON API below
// them and the files of the user interface.
//
// It reads the published snapshot, the state store, the run journals and the project's files. It never opens the
// warehouse: a run and the server do not know each other.
//
// # Adding a page
//
// A page is a template pages/<name>.html, which defines "content", and a file page_<area>.go with one method
// registerX(mux), which New calls. The handler gathers its data and calls s.render; an error goes to s.renderError, which
// shows it with its hint. Templates get a page and find their own data in .Data. Scripts and styles come from dist by
// {{asset "name.js"}}; an inline <script> or <style> needs nonce="{{.Nonce}}", and there are no inline event handlers and
// style attributes. Data for an island: <script type="application/json" id="…">{{.Data.Field}}</script>, where a Go value
// is written as JSON and bytes that are JSON already go in by {{raw .Data.Field}}.
//
// # Adding operations
//
// See package api. What an area stands on becomes a field of api.Services, which New fills.
package web
