package api

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"elt/runner/web/catalog"
)

type testInput struct {
	ID string `path:"id" maxLength:"500" doc:"The ID of a test, or its name"`
}

func registerTests(a huma.API, s Services) {
	huma.Register(a, operation("tests", "/tests", "Data tests and unit tests with their last results", "catalogue"),
		func(ctx context.Context, _ *struct{}) (*body[[]catalog.Test], error) {
			p, err := s.Catalog.Project(ctx)
			if err != nil {
				return nil, problemOf(err)
			}
			list, err := p.WithResults(ctx)
			return &body[[]catalog.Test]{Body: list}, problemOf(err)
		})
	huma.Register(a, operation("test", "/tests/{id}", "A test with its history and the failing rows it found", "catalogue"),
		func(ctx context.Context, in *testInput) (*body[catalog.TestDetail], error) {
			d, err := TestOf(ctx, s, in.ID)
			return &body[catalog.TestDetail]{Body: d}, problemOf(err)
		})
}

// TestOf gives all that is known of a test, also of one that was written a moment ago.
func TestOf(ctx context.Context, s Services, id string) (d catalog.TestDetail, err error) {
	found, err := s.Workspace.Find(func() (found bool, err error) {
		p, err := s.Catalog.Project(ctx)
		if err == nil {
			d, found, err = p.Test(ctx, id)
		}
		return found, err
	})
	if err == nil && !found {
		err = NotFound(fmt.Sprintf("there is no test %.200q", id), "the list of tests has them all")
	}
	return d, err
}
