package pipeline

import (
	"context"

	"elt/runner"
)

// What the engine may use where the target sets no memory_limit: so many times the bytes of the raw files, and never less
// than least. A machine has other things to do than a run, and for what does not fit the engine has the disk. Measured on
// marketing data, where 36 MB of raw files take 800 MB at most under the least limit, and no longer than without one.
const (
	leastMemory    = 512 << 20
	memoryPerByte  = 12
	bytesPerZipped = 8 // text in a byte of a gzip file, about
)

// limitMemory keeps the engine to a share of the machine that goes with the size of the data. Where data come from
// elsewhere than from files, their size is not known and the engine's own limit stays.
func (w *writer) limitMemory(ctx context.Context, planned *Planned) error {
	if w.Project.Target.MemoryLimit != "" {
		return nil
	}
	var size int64
	for _, s := range w.Project.Sources {
		if s.IsRejects() {
			continue
		}
		if s.Load == nil {
			return nil
		}
		for _, f := range planned.Sources[s.ID].Files {
			if f.Gzip {
				size += f.Stat.Size * bytesPerZipped
			} else {
				size += f.Stat.Size
			}
		}
	}
	for _, m := range w.Project.Models {
		if planned.Volatile[m.ID] || m.Config.Materialized == runner.External { // which may read files of its own
			return nil
		}
	}
	return w.warehouse.LimitMemory(ctx, max(leastMemory, size*memoryPerByte))
}
