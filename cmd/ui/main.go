// Command ui bundles the web UI: runner/web/ui into runner/web/dist, which is committed and embedded in elt.
//
// It needs no Node and no network: third-party code lies bundled in runner/web/ui/vendor. -check compares what is committed
// with what would be bundled and holds each page to its budget; -vendor makes the third-party files from a node_modules.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("ui", flag.ContinueOnError)
	flags.SetOutput(stderr)
	root := flags.String("root", ".", "root of the repository")
	check := flags.Bool("check", false, "write nothing; fail where dist differs from the sources or a page breaks its budget")
	vendor := flags.Bool("vendor", false, "bundle the third-party libraries from runner/web/ui/vendor/node_modules")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	dir, err := filepath.Abs(*root)
	if err != nil {
		fmt.Fprintln(stderr, "ui:", err)
		return 1
	}
	web := filepath.Join(dir, "runner", "web")
	switch {
	case *vendor:
		err = vendorLibraries(filepath.Join(web, "ui", "vendor"), stdout)
	case *check:
		err = checkBundle(web, stdout)
	default:
		err = writeBundle(web, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "ui:", err)
		return 1
	}
	return 0
}
