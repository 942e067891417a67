package export

import (
	"context"

	"elt/runner/engine"
)

// writeParquet writes one table, compressed with zstd.
func writeParquet(ctx context.Context, e engine.Engine, path string, tables []Table) ([]int64, error) {
	return copyOne(ctx, e, path, tables, engine.Parquet)
}
