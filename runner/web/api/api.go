// Package api is the JSON API below /api/v1 and its description at /openapi.json. Each area is a file with its operations
// and one function that registers them; what an area stands on is a field of Services.
//
// Conventions: names are snake_case; lists are never null; times are RFC 3339; a table is table.Table; errors are problems
// (RFC 9457), which problemOf makes of any error: return it from every operation, `return nil, problemOf(err)`.
package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"elt/runner/schedule"
	"elt/runner/web/cache"
	"elt/runner/web/catalog"
	"elt/runner/web/console"
	"elt/runner/web/dashboard"
	"elt/runner/web/live"
	"elt/runner/web/reports"
	"elt/runner/web/runs"
	"elt/runner/web/snapshot"
	"elt/runner/web/workspace"
)

// Base is where the operations are.
const Base = "/api/v1"

// Services are what the operations stand on. All are safe for concurrent use.
type Services struct {
	Version   string // of elt
	Workspace *workspace.Cache
	Snapshot  *snapshot.Pool
	Dashboard *dashboard.Service
	Reports   *reports.Service
	Console   *console.Console
	Cache     *cache.Cache
	Runs      *runs.Manager
	Schedules *schedule.Scheduler
	Live      *live.Hub
	Catalog   *catalog.Catalog
}

// Register adds all operations and their description to mux.
func Register(mux *http.ServeMux, s Services) {
	config := huma.DefaultConfig("elt", s.Version)
	config.Info.Description = "Reads what elt has published, and starts runs."
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil // the usual pages load code from elsewhere
	config.Components.Schemas = schemas()
	described := humago.New(mux, config)
	group := huma.NewGroup(described, Base)
	for _, area := range []func(huma.API, Services){
		registerMeta,
		registerDashboard,
		registerReports,
		registerSQL,
		registerEvents,
		registerRuns,
		registerSchedules,
		registerCatalog,
		registerTests,
	} {
		area(group, s)
	}
}

// body is the answer of an operation that has nothing but a body.
type body[T any] struct{ Body T }

// operation describes a GET, for huma.Register.
func operation(id, path, summary string, tags ...string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: tags}
}
