// Package runner is the vocabulary of elt: what a project holds (sources, seeds, models, data tests, exports), what a
// plan decides about it, and what a run reports. Every other package speaks in these words.
//
// It imports no other package of this module, opens no file and no database, and holds no state.
package runner
