package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/compile"
	"elt/runner/pipeline"
	"elt/runner/project"
)

// version is set by the linker.
var version = "dev"

// run is the whole program: it takes arguments and streams and returns the exit status.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	// Pages that are never touched cost nothing, but count: the collector first runs when as much again is garbage, which
	// most commands never get to.
	unused := make([]byte, 16<<20)
	defer runtime.KeepAlive(unused)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once

	app := newApp(in, out, errOut)
	err := app.RunContext(ctx, arrange(args, app.Commands, app.Flags))
	if errors.Is(err, context.Canceled) && runner.ExitStatus(err) != runner.ExitInterrupted {
		err = &runner.Error{Code: runner.CodeInterrupted, Msg: "interrupted"}
	}
	if own := cli.ExitCoder(nil); errors.As(err, &own) { // of the library, about what it was asked to help with
		msg := own.Error()
		err = &runner.Error{Code: runner.CodeUsage, Msg: strings.ToLower(msg[:1]) + msg[1:]}
	}
	var silent *shown
	switch {
	case err == nil:
		return runner.ExitOK
	case errors.As(err, &silent):
	case asksForJSON(args):
		logErrors(zerolog.New(errOut).With().Timestamp().Logger(), err)
	default:
		report(errOut, err)
	}
	return runner.ExitStatus(err)
}

// asksForJSON tells whether messages are to be JSON. It looks at the arguments themselves, for what they are may be the
// error to report.
func asksForJSON(args []string) bool {
	i := slices.Index(args, "--log-format")
	return i >= 0 && i+1 < len(args) && args[i+1] == "json" || slices.Contains(args, "--log-format=json")
}

// logErrors writes every error found as a JSON line.
func logErrors(log zerolog.Logger, err error) {
	for _, e := range flatten(err) {
		event := log.Error()
		var known *runner.Error
		if errors.As(e, &known) {
			event = event.Str("code", string(known.Code))
			if known.Pos.File != "" {
				event = event.Str("file", known.Pos.File).Int("line", known.Pos.Line).Int("col", known.Pos.Col)
			}
			if known.Hint != "" {
				event = event.Str("hint", known.Hint)
			}
		}
		event.Msg(e.Error())
	}
}

// report writes an error for people: every one found, with place, excerpt and hint.
func report(w io.Writer, err error) {
	for _, e := range flatten(err) {
		var known *runner.Error
		if errors.As(e, &known) {
			fmt.Fprintln(w, "error: "+known.Detail())
			continue
		}
		fmt.Fprintln(w, "error: "+e.Error())
	}
}

// flatten takes apart errors that are several.
func flatten(err error) []error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range several.Unwrap() {
			all = append(all, flatten(e)...)
		}
		return all
	}
	return []error{err}
}

// shown is an error that the user has read already; it carries the exit status.
type shown struct{ error }

func (s *shown) Unwrap() error { return s.error }

func newApp(in io.Reader, out, errOut io.Writer) *cli.App {
	app := &cli.App{
		Name:                 "elt",
		Usage:                "raw marketing files to tested tables, reports and dashboards",
		UsageText:            "elt COMMAND [flags]      elt COMMAND --help tells more",
		Version:              version,
		HideVersion:          true, // `elt version` says more
		Suggest:              true,
		EnableBashCompletion: true,
		Reader:               in,
		Writer:               out,
		ErrWriter:            errOut,
		ExitErrHandler:       func(*cli.Context, error) {}, // only main exits
		OnUsageError:         usageError,
		Action:               unknownCommand,
		Flags:                []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the versions of elt and its engine", DisableDefaultText: true}},
		// A comma in a selector means both; it does not separate two.
		DisableSliceFlagSeparator: true,
	}
	app.Commands = []*cli.Command{
		generateCommand(), loadCommand(), runCommand(), testCommand(), planCommand(), compileCommand(), showCommand(),
		lsCommand(), queryCommand(), serveCommand(), runsCommand(), retryCommand(), buildCommand(), seedCommand(), snapshotCommand(),
		sourceCommand(), operationCommand(), docsCommand(), parseCommand(), cleanCommand(), debugCommand(), schemaCommand(), completionCommand(),
		versionCommand(),
	}
	for _, c := range app.Commands {
		finishCommand(c)
	}
	return app
}

func finishCommand(c *cli.Command) {
	c.OnUsageError = usageError
	c.HideHelpCommand = true
	for _, flag := range c.Flags {
		if off, ok := flag.(*cli.BoolFlag); ok {
			off.DisableDefaultText = true
		}
	}
	if c.Action == nil && len(c.Subcommands) > 0 {
		c.Action = needsSubcommand
	}
	if act := c.Action; act != nil && c.ArgsUsage == "" {
		c.Action = func(c *cli.Context) error {
			if c.NArg() > 0 {
				return unexpectedArguments(c)
			}
			return act(c)
		}
	}
	for _, sub := range c.Subcommands {
		finishCommand(sub)
	}
}

// needsSubcommand is what a command does that only holds others.
func needsSubcommand(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowSubcommandHelp(c)
	}
	return unexpectedArguments(c)
}

// unexpectedArguments refuses what a command does not read. A name that --select was forgotten for must not run everything.
func unexpectedArguments(c *cli.Context) error {
	given := strings.Join(c.Args().Slice(), " ")
	hint := fmt.Sprintf("`elt %s --help` lists its flags", c.Command.FullName())
	if slices.ContainsFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "select") }) {
		hint = "choose nodes with --select " + given
	}
	if len(c.Command.Subcommands) > 0 {
		return unknownAmong(c.Command.Subcommands, c.Args().First(), c.Command.FullName()+" ")
	}
	return &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("%s takes no arguments, got %s", c.Command.FullName(), given), Hint: hint}
}

// badValue is how package flag tells of a value that a flag cannot take.
var badValue = regexp.MustCompile(`^invalid value (".*") for flag -(\S+): .*$`)

func usageError(c *cli.Context, err error, _ bool) error {
	hint := "`elt --help` lists the commands"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "elt" {
		hint = fmt.Sprintf("`elt %s --help` lists its flags", c.Command.Name)
	}
	msg := badValue.ReplaceAllString(err.Error(), "invalid value $1 for --$2")
	if name, ok := strings.CutPrefix(msg, "flag provided but not defined: -"); ok {
		msg = "unknown flag --" + strings.TrimLeft(name, "-")
		var names []string
		for _, flag := range c.Command.Flags {
			names = append(names, flag.Names()...)
		}
		if near := runner.Suggest(strings.TrimLeft(name, "-"), names); near != "" {
			hint = fmt.Sprintf("did you mean --%s? %s", near, hint)
		}
	}
	return &runner.Error{Code: runner.CodeUsage, Msg: msg, Hint: hint}
}

func unknownCommand(c *cli.Context) error {
	switch {
	case c.Bool("version"):
		return printVersion(c)
	case c.NArg() == 0:
		return cli.ShowAppHelp(c)
	}
	return unknownAmong(c.App.Commands, c.Args().First(), "")
}

// unknownAmong says that none of the commands, which stand behind parent, has this name.
func unknownAmong(commands []*cli.Command, name, parent string) error {
	var names []string
	for _, command := range commands {
		names = append(names, command.Name)
	}
	hint := runner.DidYouMean(name, names)
	if hint == "" {
		hint = fmt.Sprintf("`elt %s--help` lists the commands", parent)
	}
	return &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("unknown command %q", parent+name), Hint: hint}
}

// projectFlags are those of every command that opens a project.
func projectFlags(more ...cli.Flag) []cli.Flag {
	return append(more,
		&cli.StringFlag{Name: "project-dir", Usage: "the `FOLDER` with project.yaml (default: here or above)", EnvVars: []string{"ELT_PROJECT_DIR"}},
		&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Usage: "the target of project.yaml to use", EnvVars: []string{"ELT_TARGET"}},
		&cli.StringFlag{Name: "vars", Usage: "variables as `YAML`, above those of project.yaml: '{lookback_days: 14}'"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "text or json"},
		&cli.BoolFlag{Name: "warn-error", Usage: "fail where there would be a warning"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show errors and results only"},
	)
}

// nodeFlags are those of commands that work on chosen nodes.
func nodeFlags(more ...cli.Flag) []cli.Flag {
	return projectFlags(append(more,
		&cli.StringSliceFlag{Name: "select", Aliases: []string{"s"}, Usage: "`NODES`: names, globs, +a, a+, tag:x, path:x, source:x, …"},
		&cli.StringSliceFlag{Name: "models", Aliases: []string{"m"}, Usage: "as --select", Hidden: true},
		&cli.StringSliceFlag{Name: "exclude", Usage: "`NODES` to leave out"},
		&cli.StringSliceFlag{Name: "resource-type", Usage: "only these `KINDS`: source, seed, model, snapshot, test, unit_test, exposure"},
		&cli.StringSliceFlag{Name: "exclude-resource-type", Usage: "`KINDS` to leave out"},
		&cli.StringFlag{Name: "indirect-selection", Usage: "how tests follow what they read: eager, cautious, buildable or empty", DefaultText: "eager"},
		&cli.StringFlag{Name: "selector", Usage: "a `NAME` of selectors.yml"},
		&cli.StringFlag{Name: "state", Usage: "a `FOLDER` with an earlier manifest.json, for --select state:modified and --defer", EnvVars: []string{"ELT_STATE"}},
		&cli.BoolFlag{Name: "defer", Usage: "read what is neither chosen nor built from where the manifest of --state says"},
		&cli.BoolFlag{Name: "favor-state", Usage: "with --defer: even what is built here"},
	)...)
}

var outputFlag = &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "table", Usage: "table, csv, json or markdown"}

// options gathers what every job needs from the command line.
func options(c *cli.Context) (pipeline.Options, *console, error) {
	o := pipeline.Options{
		Selector: c.String("selector"), StateDir: c.String("state"), Defer: c.Bool("defer"),
		StoreFailures: c.Bool("store-failures"), WarnError: c.Bool("warn-error"),
		Target: c.String("target"), Select: c.StringSlice("select"), Exclude: c.StringSlice("exclude"),
		RunID: c.String("run-id"), Trigger: c.String("trigger"),
		Command: "elt " + c.Command.FullName(), Args: os.Args[1:], Version: version, LookupEnv: os.LookupEnv, Clock: time.Now,
	}
	if err := selecting(c, &o); err != nil {
		return o, nil, err
	}
	format := c.String("log-format")
	if !slices.Contains([]string{"text", "json", ""}, format) {
		return o, nil, &runner.Error{Code: runner.CodeUsage, Msg: fmt.Sprintf("no log format %q", format), Hint: "formats: text, json"}
	}
	screen := newConsole(c.App.Writer, c.App.ErrWriter, c.Bool("quiet"), format == "json", time.Now())
	o.Log = screen.logger()
	o.Observe = screen.observe(o.Log)
	var err error
	if o.Vars, err = parseVars(c.String("vars")); err != nil {
		return o, nil, err
	}
	o.Dir, err = projectDir(c.String("project-dir"))
	return o, screen, err
}

// selecting reads what commands on chosen nodes take beside --select and --exclude.
func selecting(c *cli.Context, o *pipeline.Options) (err error) {
	o.Select = append(o.Select, c.StringSlice("models")...)
	o.FavorState, o.Indirect = c.Bool("favor-state"), c.String("indirect-selection")
	if o.Indirect != "" && !slices.Contains(pipeline.IndirectWays(), o.Indirect) {
		return &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("no indirect selection %q", o.Indirect), Hint: "it is one of " + strings.Join(pipeline.IndirectWays(), ", "),
		}
	}
	if o.Kinds, err = kindsOf(c.StringSlice("resource-type")); err != nil {
		return err
	}
	o.NoKinds, err = kindsOf(c.StringSlice("exclude-resource-type"))
	return err
}

func projectDir(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return project.Find(here)
}

func parseVars(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	vars, err := compile.ParseVars(text)
	if err != nil {
		return nil, &runner.Error{
			Code: runner.CodeUsage, Msg: "read --vars", Err: err, Hint: "write a YAML mapping: --vars '{lookback_days: 14, country: DE}'",
		}
	}
	return vars, nil
}

// logger writes messages to the error stream, above the status line.
func (c *console) logger() zerolog.Logger {
	if c.json {
		return zerolog.New(c.err).With().Timestamp().Logger()
	}
	level := zerolog.InfoLevel
	if c.quiet {
		level = zerolog.WarnLevel
	}
	return zerolog.New(zerolog.ConsoleWriter{
		Out: lineWriter{c}, NoColor: !c.color, PartsOrder: []string{zerolog.LevelFieldName, zerolog.MessageFieldName},
		FormatLevel: func(level any) string {
			if level == zerolog.LevelInfoValue {
				return "note  "
			}
			return fmt.Sprintf("%-6s", level)
		},
	}).Level(level)
}

// lineWriter puts what a logger writes above the status line.
type lineWriter struct{ c *console }

func (w lineWriter) Write(p []byte) (int, error) {
	w.c.line("%s", strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
