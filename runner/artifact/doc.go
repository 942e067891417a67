// Package artifact writes what other programs read about a project and a run: dbt's manifest.json and
// run_results.json, and JUnit XML for CI servers. Writers are pure: the same input gives the same bytes.
package artifact
