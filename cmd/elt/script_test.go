package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"elt/runner/engine"
	"elt/runner/engine/duckdb"
	"elt/runner/state"
)

// TestMain lets the test binary be elt, too: scripts and other tests find it as `elt` on their PATH.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"elt": main})
}

// TestScripts runs testdata/script. Each script is one thing that elt does, told by example. Beside testscript's own
// commands they have:
//
//	shop                        copy the small project of testdata/shop here; files that are there already stay
//	marketing [FLAG…]           copy this repository's own project here, and make sample data with the flags of elt generate
//	status N PROGRAM ARG…       run, and check the exit status
//	outputs FILE                write the sha256, inode and time of each published file to FILE
//	warehouse SQL, sqlite FILE SQL, parquet FILE    print rows
//	start NAME PROGRAM ARG…     run in the background, with its output in NAME.out and NAME.err
//	signal NAME INT|TERM|KILL   send it a signal
//	finish NAME N               wait for its end, and check the exit status
//	await FILE REGEXP           wait until the file has a match
//	lock, unlock                hold the right to write, as another run would
//	append FILE LINE…           add lines to a file
//	replace OLD NEW FILE        replace text in a file
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "UTC")
			env.Setenv("NL", "\n")
			env.Values[stateKey{}] = &scriptState{started: map[string]*started{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"shop": scriptShop, "marketing": scriptMarketing, "status": scriptStatus, "outputs": scriptOutputs,
			"warehouse": scriptWarehouse, "sqlite": scriptSQLite, "parquet": scriptParquet, "start": scriptStart,
			"signal": scriptSignal, "finish": scriptFinish, "await": scriptAwait, "lock": scriptLock, "unlock": scriptUnlock,
			"append": scriptAppend, "replace": scriptReplace,
		},
	})
}

// scriptState is what the commands of one script share.
type scriptState struct {
	started map[string]*started
	lock    *state.Lock
}

type stateKey struct{}

func stateOf(ts *testscript.TestScript) *scriptState { return ts.Value(stateKey{}).(*scriptState) }

// started is a program in the background.
type started struct {
	*exec.Cmd
	ended chan struct{} // closed once err is set
	err   error
}

// patience is how long a script waits for what must come.
const patience = time.Minute

func scriptShop(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(copyTree("testdata/shop", ts.MkAbs(".")))
}

func scriptMarketing(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(copyProject(ts.MkAbs(".")))
	ts.Check(ts.Exec("elt", append([]string{"generate", "-q"}, args...)...))
}

func scriptStatus(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) >= 2, "status N PROGRAM ARG…")
	checkStatus(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func checkStatus(ts *testscript.TestScript, want string, err error) {
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

func scriptOutputs(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 1, "outputs FILE")
	lines, err := describeOutputs(ts.MkAbs("data"))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}

func scriptWarehouse(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 1, "warehouse SQL")
	ctx := context.Background()
	db, err := duckdb.Open(ctx, duckdb.Config{Path: ts.MkAbs("data/warehouse.duckdb"), ReadOnly: true, Threads: 1})
	ts.Check(err)
	rows, err := db.Query(ctx, args[0])
	if err == nil {
		err = engine.Each(rows, func(values []any) error {
			_, err := fmt.Fprintln(ts.Stdout(), values...)
			return err
		})
	}
	ts.Check(errors.Join(err, db.Close()))
}

func scriptSQLite(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 2, "sqlite FILE SQL")
	rows, err := querySQLite(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	for _, row := range rows {
		fmt.Fprintln(ts.Stdout(), strings.Join(row, "|"))
	}
}

func scriptParquet(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 1, "parquet FILE")
	db, err := duckdb.Open(context.Background(), duckdb.Config{Threads: 1})
	ts.Check(err)
	err = printQuery(context.Background(), db, "from "+db.File(ts.MkAbs(args[0]), engine.Parquet), "csv", ts.Stdout())
	ts.Check(errors.Join(err, db.Close()))
}

func scriptStart(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) >= 2, "start NAME PROGRAM ARG…")
	name := args[0]
	out, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	errOut, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	p := &started{Cmd: exec.Command(path, args[2:]...), ended: make(chan struct{})}
	p.Dir, p.Stdout, p.Stderr = ts.MkAbs("."), out, errOut
	p.Env = append(os.Environ(), "TZ=UTC", "PWD="+p.Dir)
	ts.Check(p.Start())
	stateOf(ts).started[name] = p
	go func() {
		p.err = errors.Join(p.Wait(), out.Close(), errOut.Close())
		close(p.ended)
	}()
	ts.Defer(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.ended
	})
}

func scriptSignal(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 2, "signal NAME INT|TERM|KILL")
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}
	need(ts, signals[args[1]] != nil, "signal NAME INT|TERM|KILL")
	ts.Check(background(ts, args[0]).Process.Signal(signals[args[1]]))
}

func scriptFinish(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 2, "finish NAME N")
	p := background(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.Process.Signal(syscall.SIGQUIT) // to see where it stands
		<-p.ended
		ts.Fatalf("%s does not end: %s", args[0], ts.ReadFile(args[0]+".err"))
	}
	fmt.Fprint(ts.Stdout(), ts.ReadFile(args[0]+".out"))
	fmt.Fprint(ts.Stderr(), ts.ReadFile(args[0]+".err"))
	checkStatus(ts, args[1], p.err)
}

func background(ts *testscript.TestScript, name string) *started {
	p := stateOf(ts).started[name]
	need(ts, p != nil, "start "+name+" first")
	return p
}

func scriptAwait(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 2, "await FILE REGEXP")
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var text []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if text, err = os.ReadFile(ts.MkAbs(args[0])); err == nil && pattern.Match(text) {
			return
		}
	}
	ts.Fatalf("no match for %q in %s: %s", args[1], args[0], text)
}

func scriptLock(ts *testscript.TestScript, _ bool, _ []string) {
	lock, err := state.Acquire(context.Background(), ts.MkAbs("data/elt.lock"), state.LockOptions{Command: "elt run"})
	ts.Check(err)
	stateOf(ts).lock = lock
	ts.Setenv("HOLDER", strconv.Itoa(os.Getpid()))
	ts.Defer(func() { ts.Check(lock.Release()) })
}

func scriptUnlock(ts *testscript.TestScript, _ bool, _ []string) {
	need(ts, stateOf(ts).lock != nil, "lock first")
	ts.Check(stateOf(ts).lock.Release())
}

func scriptAppend(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) >= 2, "append FILE LINE…")
	text := ts.ReadFile(args[0]) + strings.Join(args[1:], "\n") + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

func scriptReplace(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, len(args) == 3, "replace OLD NEW FILE")
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("no %q in %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o644))
}

func need(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}
