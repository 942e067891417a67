// Package build decides what a run must do, does it in dependency order, and publishes the outcome all or nothing.
//
// plan.go is pure: from what the project says and what the warehouse has, it derives for every node to build, reuse or
// skip it, and why. The other files act: a file a materialization, tests.go, and publish.go, which alone changes what
// people see. The package takes compiled SQL; it knows nothing of templates, YAML or raw file formats.
package build
