package api

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemas holds the described types, each under a name that tells its package, too: a Node of the catalogue is not a Node
// of a run.
func schemas() huma.Registry { return huma.NewMapRegistry("#/components/schemas/", schemaName) }

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	owner := path.Base(t.PkgPath())
	if t.Name() == "" || !strings.HasPrefix(t.PkgPath(), "elt/") || owner == "api" || strings.HasPrefix(strings.ToLower(name), owner) {
		return name
	}
	return strings.ToUpper(owner[:1]) + owner[1:] + name
}
