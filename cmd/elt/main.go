// Command elt takes raw marketing files to tested tables, reports and dashboards.
package main

import "os"

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
