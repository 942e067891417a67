package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange brings arguments into the order that urfave/cli reads: the flags of a command before its arguments. People
// write them in any order, and dbt has taught them that --select takes several words.
func arrange(args []string, commands []*cli.Command, global []cli.Flag) []string {
	if len(args) == 0 {
		return args
	}
	early, args := takeEarly(args, global)
	if len(args) > 1 && (args[1] == "help" || args[1] == "h") {
		args = append(slices.Delete(args, 1, 2), "--help") // `elt help runs show` is `elt runs show --help`
	}
	command, at := findCommand(args, commands, global)
	if command == nil {
		return slices.Insert(args, 1, early...)
	}
	args = slices.Insert(args, at+1, early...)
	known := flagsByName(command.Flags)
	out := append([]string{}, args[:at+1]...)
	var rest []string
	for i := at + 1; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			rest = append(rest, args[i+1:]...)
			break
		}
		name, _, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		flag, isKnown := known[name]
		switch {
		case !strings.HasPrefix(arg, "-") || arg == "-" || strings.ContainsAny(name, " \n\t"): // SQL may begin with a comment
			rest = append(rest, arg)
		case joined || !isKnown || isSwitch(flag):
			out = append(out, arg)
		default:
			taken := valuesAfter(args[i+1:], flag)
			for _, value := range args[i+1 : i+1+taken] {
				out = append(out, arg, value)
			}
			if taken == 0 {
				out = append(out, arg)
			}
			i += taken
		}
	}
	if len(rest) == 0 {
		return out
	}
	return append(append(out, "--"), rest...)
}

// takeEarly takes the flags of every command off that stand before the command, as dbt allows it.
func takeEarly(args []string, global []cli.Flag) (early, rest []string) {
	own, known := flagsByName(global), flagsByName(projectFlags())
	end := 1
	for end < len(args) && strings.HasPrefix(args[end], "-") {
		name, _, joined := strings.Cut(strings.TrimLeft(args[end], "-"), "=")
		flag, ok := known[name]
		if _, isOwn := own[name]; isOwn || !ok {
			break
		}
		end++
		if !joined && !isSwitch(flag) && end < len(args) {
			end++
		}
	}
	return slices.Clone(args[1:end]), slices.Concat(args[:1], args[end:])
}

// findCommand gives the command that args name, which may be one of a command's own, and its place.
func findCommand(args []string, commands []*cli.Command, global []cli.Flag) (*cli.Command, int) {
	known := flagsByName(global)
	var found *cli.Command
	at := 0
	for i := 1; i < len(args); i++ {
		arg := args[i]
		if strings.HasPrefix(arg, "-") {
			if found != nil {
				break
			}
			if flag, ok := known[strings.TrimLeft(arg, "-")]; ok && !isSwitch(flag) {
				i++
			}
			continue
		}
		next := named(arg, commands)
		if next == nil {
			break
		}
		found, at, commands = next, i, next.Subcommands
	}
	return found, at
}

func named(name string, commands []*cli.Command) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

func flagsByName(flags []cli.Flag) map[string]cli.Flag {
	byName := map[string]cli.Flag{}
	for _, flag := range flags {
		for _, name := range flag.Names() {
			byName[name] = flag
		}
	}
	return byName
}

func isSwitch(flag cli.Flag) bool {
	_, ok := flag.(*cli.BoolFlag)
	return ok
}

// valuesAfter tells how many of the arguments behind a flag are its values: one, or all up to the next flag for a flag
// that may be repeated.
func valuesAfter(args []string, flag cli.Flag) int {
	if len(args) == 0 {
		return 0
	}
	if _, many := flag.(*cli.StringSliceFlag); !many {
		return 1
	}
	n := 1
	for n < len(args) && !strings.HasPrefix(args[n], "-") {
		n++
	}
	return n
}
