package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"elt/runner/web/console"
)

type sqlInput struct {
	Body struct {
		SQL   string `json:"sql" maxLength:"100000" doc:"one SELECT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN"`
		Limit int    `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"1000"`
	}
}

type csvInput struct {
	Body struct {
		SQL string `json:"sql" maxLength:"100000" doc:"as for /sql"`
	}
}

func registerSQL(a huma.API, s Services) {
	post := func(id, path, summary string) huma.Operation {
		o := operation(id, path, summary, "sql")
		o.Method, o.DefaultStatus = http.MethodPost, http.StatusOK
		return o
	}
	huma.Register(a, post("sql", "/sql", "Run one statement that reads, on what is published; closing the connection cancels it"),
		func(ctx context.Context, in *sqlInput) (*body[console.Result], error) {
			result, err := s.Console.Run(ctx, in.Body.SQL, in.Body.Limit)
			if err != nil {
				return nil, problemOf(err)
			}
			return &body[console.Result]{Body: result}, nil
		})
	o := post("sql-csv", "/sql/csv", "The same, with all rows, as CSV")
	o.Responses = map[string]*huma.Response{"200": {Description: "a stream", Content: map[string]*huma.MediaType{"text/csv": {}}}}
	huma.Register(a, o, func(_ context.Context, in *csvInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(c huma.Context) { streamCSV(c, s.Console, in.Body.SQL) }}, nil
	})
	huma.Register(a, describedAs[[]console.Relation](a, operation("sql-schema", "/sql/schema", "Tables and columns that queries can name", "sql")),
		func(ctx context.Context, _ *struct{}) (*encoded, error) { return answer(schema(ctx, s)) })
}

func schema(ctx context.Context, s Services) ([]byte, error) {
	reader, err := s.Snapshot.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return s.Cache.Get(ctx, reader.Path+" schema", func(ctx context.Context) ([]byte, error) {
		all, err := console.ReadSchema(ctx, reader)
		if err != nil {
			return nil, err
		}
		return json.Marshal(all)
	})
}

// streamCSV answers with rows as they come. Once the first of them is out an error can only be told by cutting the answer
// off: then the client sees that it is not whole.
func streamCSV(c huma.Context, from *console.Console, sql string) {
	r, w := humago.Unwrap(c)
	control, started := http.NewResponseController(w), false
	flush := func() error {
		if err := control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		return control.Flush()
	}
	err := from.CSV(r.Context(), sql, func() io.Writer {
		started = true
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="query.csv"`)
		w.Header().Set("Cache-Control", "no-store")
		_ = flush() // the deadline; whether anybody is there, the first write tells
		return w
	}, flush)
	switch {
	case err != nil && started:
		panic(http.ErrAbortHandler)
	case err != nil:
		WriteProblem(w, ProblemOf(err))
	}
}
