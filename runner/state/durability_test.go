package state

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A failing power supply cannot be tested here; that SQLite is told to sync, and told to stop it afterwards, can.
func TestDurability(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), time.Now)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	s.db.SetMaxOpenConns(1)
	for _, step := range []struct {
		how  durability
		want int
	}{{crashSafe, 1}, {powerSafe, 2}, {crashSafe, 1}} {
		var got int
		require.NoError(t, s.write(t.Context(), step.how, "look", func(tx *sql.Tx) error {
			return tx.QueryRowContext(t.Context(), "pragma synchronous").Scan(&got)
		}))
		assert.Equal(t, step.want, got)
	}
}
