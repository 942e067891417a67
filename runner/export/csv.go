package export

import (
	"context"

	"elt/runner/engine"
)

// writeCSV writes one table: a header line, commas, "\n", ISO dates, NULL as nothing and an empty text as "". Values are
// not altered to please spreadsheets.
func writeCSV(ctx context.Context, e engine.Engine, path string, tables []Table) ([]int64, error) {
	return copyOne(ctx, e, path, tables, engine.CSV)
}

// copyOne has the engine write one table in total order.
func copyOne(ctx context.Context, e engine.Engine, path string, tables []Table, format engine.Format) ([]int64, error) {
	query, err := ordered(ctx, e, tables[0])
	if err != nil {
		return nil, err
	}
	rows, err := e.Copy(ctx, query, path, format)
	return []int64{rows}, err
}
