package state_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elt/runner"
	"elt/runner/state"
)

// batch is how many records each write of the writing child has.
const batch = 40

// TestMain lets the test binary be another process: the child named in the environment, working on the path given.
func TestMain(m *testing.M) {
	var err error
	path := os.Getenv("STATE_TEST_PATH")
	switch os.Getenv("STATE_TEST_CHILD") {
	case "lock":
		err = holdLock(path)
	case "write":
		err = writeForever(path)
	case "intent":
		err = intend(path)
	case "look":
		if err = lookAsAnother(path); err == nil {
			os.Exit(0)
		}
	default:
		os.Exit(m.Run())
	}
	fmt.Println(err)
	os.Exit(1)
}

func holdLock(path string) error {
	if _, err := state.Acquire(context.Background(), path, state.LockOptions{Command: "elt run"}); err != nil {
		return err
	}
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return nil
}

// lookAsAnother tells the last run, as a user who may not write where root could.
func lookAsAnother(path string) error {
	if os.Getuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			return err
		}
	}
	s, err := state.OpenReadOnly(context.Background(), path)
	if err != nil {
		return err
	}
	runs, err := s.Runs(context.Background(), 1)
	if err == nil {
		fmt.Println(runs[0].ID)
	}
	return errors.Join(err, s.Close())
}

func writeForever(path string) error {
	ctx := context.Background()
	s, err := state.Open(ctx, path, time.Now)
	if err != nil {
		return err
	}
	for round := 0; ; round++ {
		versions := make([]state.RelationVersion, batch)
		for i := range versions {
			versions[i].Relation = runner.Relation{Schema: strconv.Itoa(round), Name: strconv.Itoa(i)}
		}
		if err := s.SaveRelations(ctx, versions...); err != nil {
			return err
		}
		fmt.Println("ready")
	}
}

func intend(path string) error {
	ctx := context.Background()
	s, err := state.Open(ctx, path, time.Now)
	if err != nil {
		return err
	}
	if _, err := s.BeginPublish(ctx, "r1", []byte(`{"step":1}`)); err != nil {
		return err
	}
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return nil
}

// child starts the other process and returns when it says it is ready; kill ends it the hard way.
func child(t *testing.T, name, path string) (pid int, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "STATE_TEST_CHILD="+name, "STATE_TEST_PATH="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Equal(t, "ready", lines.Text())
	go func() {
		for lines.Scan() { // keep the pipe from filling up
		}
	}()
	return cmd.Process.Pid, func() {
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
	}
}

func TestKilledWriterLeavesWholeBatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	rounds := 0
	for try := range 8 {
		_, kill := child(t, "write", path)
		time.Sleep(time.Duration(try*7) * time.Millisecond)
		kill()
		s, err := state.Open(t.Context(), path, noon)
		require.NoError(t, err)
		relations, err := s.Relations(t.Context())
		require.NoError(t, err)
		require.NoError(t, s.Close())
		perRound := map[string]int{}
		for _, v := range relations {
			perRound[v.Relation.Schema]++
		}
		for round, n := range perRound {
			require.Equal(t, batch, n, "round %s", round)
		}
		rounds = max(rounds, len(perRound))
	}
	assert.Greater(t, rounds, 1)
}

func TestIntentOutlivesItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	_, kill := child(t, "intent", path)
	kill()
	intent, pending, err := open(t, path).PendingPublish(t.Context())
	require.NoError(t, err)
	require.True(t, pending)
	require.Equal(t, `{"step":1}`, string(intent.Payload))
}
