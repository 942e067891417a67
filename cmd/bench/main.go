// Command bench runs elt at scale and holds it against its floor: what the same SQL, loads and files cost DuckDB by itself.
//
// It works on a copy of the project with generated data, in a folder of its own, and runs the real binary as a child, as a
// user would. Without arguments it does what `make bench` prints; -h lists the settings.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
