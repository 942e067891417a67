package runs

import (
	"cmp"
	"slices"
	"strings"
)

func (r Request) command() string { return cmp.Or(r.Command, "run") }

// args are those of the command line behind elt, without what every run gets.
func (r Request) args() []string {
	args := []string{r.command()}
	for _, s := range r.Select {
		args = append(args, "--select="+s)
	}
	for _, s := range r.Exclude {
		args = append(args, "--exclude="+s)
	}
	if r.Force {
		args = append(args, "--force")
	}
	if r.FullRefresh {
		args = append(args, "--full-refresh")
	}
	return append(args, r.Args...)
}

// carried are the flags of an earlier run that one like it needs, and whether they have a value. The others say where files
// go and how messages look.
var carried = map[string]bool{
	"--select": true, "--exclude": true, "--selector": true, "--target": true, "--vars": true, "--threads": true,
	"--force": false, "--full-refresh": false,
}

// long are the names of short flags.
var long = map[string]string{"-s": "--select", "-t": "--target"}

// again are the flags of an earlier run's command line for one like it, each as one argument.
func again(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if full, short := long[name]; short {
			name = full
		}
		if strings.HasPrefix(name, "-") && !strings.HasPrefix(name, "--") {
			name = "-" + name // as package flag has it
		}
		valued, known := carried[name]
		switch {
		case !known:
		case joined:
			out = append(out, name+"="+value)
		case valued && i+1 < len(args):
			i++
			out = append(out, name+"="+args[i])
		case !valued:
			out = append(out, name)
		}
	}
	return out
}

// only are the flags with one of the names.
func only(flags []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(flags), func(flag string) bool {
		name, _, _ := strings.Cut(flag, "=")
		return !slices.Contains(names, name)
	})
}
