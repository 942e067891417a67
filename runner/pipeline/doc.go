// Package pipeline is the whole job, readable from top to bottom: Run loads the project, plans, loads files, builds,
// tests, publishes and records. Start reading at run.go.
//
// It puts the other packages together and decides nothing that one of them could decide. Every function takes Options
// and writes only where the project says.
package pipeline
