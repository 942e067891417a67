package state_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner/state"
)

func TestFileScanFits(t *testing.T) {
	changed := noon()
	stamp := state.FileStamp{Size: 10, MTimeNS: changed.UnixNano(), CTimeNS: changed.UnixNano(), Inode: 5}
	for name, c := range map[string]struct {
		read time.Duration // after the change
		now  func(state.FileStamp) state.FileStamp
		fits bool
	}{
		"unchanged":              {read: time.Minute, fits: true},
		"just old enough":        {read: 2*time.Second + time.Nanosecond, fits: true},
		"read in the same tick":  {read: 0},
		"read two seconds later": {read: 2 * time.Second},
		"read before its time":   {read: -time.Hour},
		"other size":             {read: time.Minute, now: func(s state.FileStamp) state.FileStamp { s.Size++; return s }},
		"other time":             {read: time.Minute, now: func(s state.FileStamp) state.FileStamp { s.MTimeNS++; return s }},
		"time set back":          {read: time.Minute, now: func(s state.FileStamp) state.FileStamp { s.CTimeNS++; return s }},
		"replaced by a rename":   {read: time.Minute, now: func(s state.FileStamp) state.FileStamp { s.Inode++; return s }},
	} {
		t.Run(name, func(t *testing.T) {
			now := stamp
			if c.now != nil {
				now = c.now(stamp)
			}
			scan := state.FileScan{Stamp: stamp, Began: changed.Add(c.read)}
			assert.Equal(t, c.fits, scan.Fits(now))
		})
	}
}

// The race itself: two writes of one length within one tick, the file read in between.
func TestFileScanDoesNotTrustWhatChangedJustNow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	require.NoError(t, os.WriteFile(path, []byte("one"), 0o644))
	info, err := os.Stat(path)
	require.NoError(t, err)
	scan := state.FileScan{Path: path, Stamp: state.StampOf(info), Hash: "of one", Began: time.Now()}
	require.NoError(t, os.WriteFile(path, []byte("two"), 0o644))
	require.NoError(t, os.Chtimes(path, time.Time{}, info.ModTime()))
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.False(t, scan.Fits(state.StampOf(info)))

	scan.Stamp = state.StampOf(info)
	assert.False(t, scan.Fits(scan.Stamp), "even with a stamp that is the same to the nanosecond")
	scan.Began = scan.Began.Add(3 * time.Second)
	assert.True(t, scan.Fits(scan.Stamp))
}

func TestFileScans(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	a := state.FileScan{
		Path: "data/raw/a.csv", Stamp: state.FileStamp{Size: 1, MTimeNS: 1733054462123456789, CTimeNS: -1, Inode: 1 << 63},
		Hash: "h", Lines: 7, Info: json.RawMessage(`{"delimiter":";"}`), Began: noon(),
	}
	b := state.FileScan{Path: "b", Began: noon()}
	require.NoError(t, s.SaveFileScans(ctx, a, b))
	a.Hash = "h2"
	require.NoError(t, s.In("prod").SaveFileScans(ctx, a), "targets share the cache")
	got, err := s.FileScans(ctx, "data/raw/a.csv", "b", "c")
	require.NoError(t, err)
	require.Equal(t, map[string]state.FileScan{a.Path: a, "b": b}, got)
	got, err = s.FileScans(ctx)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestForms(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	a, b := state.Form{Key: "a", Normal: "n", Volatile: true}, state.Form{Key: `b"'`, Normal: "m"}
	require.NoError(t, s.SaveForms(ctx, a, b))
	got, err := s.Forms(ctx, "a", `b"'`, "c")
	require.NoError(t, err)
	require.Equal(t, map[string]state.Form{"a": a, `b"'`: b}, got)
}
