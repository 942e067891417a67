// Package compile turns the templates of a project into SQL: it gives them dbt's context (ref, source, config, var, …),
// finds out what each node reads, and keeps for every piece of the SQL the place in the analyst's file it came from.
//
// It takes a runner.Project and gives a graph and, for any choice of relation names, compiled SQL. It opens no file and
// no database: templates that ask the warehouse do so through the Database that a Render brings along.
//
// Every template is rendered once by New, with execute false, to learn what it reads and what config() says. One that
// asked for nothing that differs between that and a run is pure; the others are rendered again when they are built.
//
// The macros that dbt brings along are in dbt/*.sql, what templates see of Python and of the warehouse is in the packages
// below.
package compile
