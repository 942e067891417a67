package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/engine/duckdb"
	"elt/runner/expect"
	"elt/runner/pipeline"
	"elt/runner/project"
)

func cleanCommand() *cli.Command {
	return &cli.Command{
		Name: "clean", Usage: "remove everything that a run makes: warehouse, state, exports, compiled SQL; never data/raw",
		Flags: projectFlags(&cli.BoolFlag{Name: "dry-run", Usage: "only list what would be removed"}, waitFlag),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			o.Wait = c.Duration("wait")
			removed, err := pipeline.Clean(c.Context, o, c.Bool("dry-run"))
			for _, path := range removed {
				if !screen.quiet {
					fmt.Fprintln(screen.out, path)
				}
			}
			if err == nil && len(removed) == 0 && !screen.quiet {
				fmt.Fprintln(screen.out, "nothing to remove")
			}
			return err
		},
	}
}

func debugCommand() *cli.Command {
	return &cli.Command{
		Name: "debug", Usage: "check configuration, paths, engine and versions",
		Flags: projectFlags(),
		Action: func(c *cli.Context) error {
			o, screen, err := options(c)
			if err != nil {
				return err
			}
			checks := pipeline.Debug(c.Context, o)
			failed := 0
			fmt.Fprintf(screen.out, "elt %s, %s, %s/%s, DuckDB %s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, duckdb.Version)
			for _, check := range checks {
				word, colour := "ok  ", green
				if check.Err != nil {
					word, colour = "FAIL", red
					failed++
				}
				fmt.Fprintf(screen.out, "%s  %-14s %s\n", screen.paint(colour, word), check.Name, check.Found)
				if check.Err != nil {
					fmt.Fprintln(screen.out, "        "+strings.ReplaceAll(detail(check.Err), "\n", "\n        "))
				}
			}
			if failed > 0 {
				return &shown{&runner.Error{Code: runner.CodeConfig, Msg: fmt.Sprintf("%d checks failed", failed)}}
			}
			return nil
		},
	}
}

func detail(err error) string {
	var lines strings.Builder
	report(&lines, err)
	return strings.TrimSpace(lines.String())
}

func schemaCommand() *cli.Command {
	print := func(schema func() ([]byte, error)) cli.ActionFunc {
		return func(c *cli.Context) error {
			text, err := schema()
			if err == nil {
				_, err = c.App.Writer.Write(append(text, '\n'))
			}
			return err
		}
	}
	return &cli.Command{
		Name: "schema", Usage: "print the JSON Schema of project.yaml or of the .yml files in models/, for editors",
		Subcommands: []*cli.Command{
			{Name: "project", Usage: "of project.yaml", Action: print(project.ProjectSchema)},
			{Name: "properties", Usage: "of the .yml files in models/ and seeds/", Action: print(func() ([]byte, error) {
				return project.PropertiesSchema(expect.Kinds())
			})},
		},
	}
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the versions of elt and its engine",
		Action: printVersion,
	}
}

func printVersion(c *cli.Context) error {
	_, err := fmt.Fprintf(c.App.Writer, "elt %s (DuckDB %s, %s, %s/%s)\n", version, duckdb.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func completionCommand() *cli.Command {
	scripts := map[string]string{
		"bash": `_elt() {
  local words="${COMP_WORDS[*]:0:$COMP_CWORD}"
  COMPREPLY=($(compgen -W "$($words --generate-bash-completion 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _elt elt
`,
		"zsh": `#compdef elt
_elt() {
  local -a found
  found=("${(@f)$(${words[1,CURRENT-1]} --generate-bash-completion 2>/dev/null)}")
  _describe 'elt' found || _files
}
compdef _elt elt
`,
		"fish": `complete -c elt -f -a '(set -l words (commandline -opc); $words --generate-bash-completion 2>/dev/null)'
`,
	}
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell", ArgsUsage: "bash|zsh|fish",
		Description: "bash: add `source <(elt completion bash)` to ~/.bashrc. zsh: `source <(elt completion zsh)`. fish: `elt completion fish | source`.",
		Action: func(c *cli.Context) error {
			script, ok := scripts[c.Args().First()]
			if !ok {
				return &runner.Error{Code: runner.CodeUsage, Msg: "completion needs a shell", Hint: "elt completion bash, zsh or fish"}
			}
			fmt.Fprint(c.App.Writer, script)
			return nil
		},
	}
}

func absolute(path string) (string, error) { return filepath.Abs(path) }

func isTerminal(file *os.File) bool { return isatty.IsTerminal(file.Fd()) }
