// Package compile turns the templates of a project into SQL: it gives them dbt's context (ref, source, config, var, …),
// finds out what each model reads, and keeps for every piece of the SQL the place in the analyst's file it came from.
//
// It takes a runner.Project and gives a graph and, for any choice of relation names, compiled SQL. It touches no database
// and no file.
package compile
