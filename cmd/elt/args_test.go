package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

func TestArrangeBringsFlagsBeforeArguments(t *testing.T) {
	commands := []*cli.Command{
		{Name: "query", Flags: []cli.Flag{&cli.StringFlag{Name: "format"}, &cli.StringFlag{Name: "target"}, &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}}}},
		{Name: "run", Flags: []cli.Flag{&cli.StringSliceFlag{Name: "select", Aliases: []string{"s"}}, &cli.BoolFlag{Name: "force"}}},
		{Name: "runs", Subcommands: []*cli.Command{{Name: "show", Flags: []cli.Flag{&cli.StringFlag{Name: "output"}}}}},
	}
	for in, want := range map[string]string{
		"elt query SQL --format csv":       "elt query --format csv -- SQL",
		"elt query SQL --format=csv -q":    "elt query --format=csv -q -- SQL",
		"elt query -- --SQL":               "elt query -- --SQL",
		"elt run --select a b+ --force":    "elt run --select a --select b+ --force",
		"elt run -s a --select b":          "elt run -s a --select b",
		"elt run --select":                 "elt run --select",
		"elt runs show ID --output json":   "elt runs show --output json -- ID",
		"elt nosuch --x":                   "elt nosuch --x",
		"elt query --unknown x":            "elt query --unknown -- x",
		"elt":                              "elt",
		"elt -q --target x query SQL":      "elt query -q --target x -- SQL",
		"elt --warn-error runs show ID":    "elt runs show --warn-error -- ID",
		"elt -q":                           "elt -q",
		"elt --version query SQL --format": "elt --version query --format -- SQL",
	} {
		got := arrange(strings.Fields(in), commands, []cli.Flag{&cli.BoolFlag{Name: "version"}})
		require.Equal(t, want, strings.Join(got, " "), in)
	}
}
