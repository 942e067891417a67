// Package expect is the data tests: each kind turns a test of the project into SQL that returns failing rows, and Run
// takes the verdicts, all tests of one relation in one scan where they can.
//
// A kind is one file and one line in kinds. Compiling is pure; only Run speaks to a warehouse.
package expect

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"elt/runner"
)

// Target is what a test is compiled against.
type Target struct {
	Physical runner.Relation // where the rows are; zero for singular tests
	Public   runner.Relation // what people call it; the same as Physical where published relations are tested

	// SQL is the compiled query of a singular test or of a generic test written as a macro: it returns failing rows. With
	// it, the kind and its arguments are not looked at. ShowSQL is the same query over public names.
	SQL     string
	ShowSQL string

	// Explain points an engine's error about SQL at the analyst's file; nil: it stands at the test.
	Explain func(error) error

	Kept    runner.Relation // table for all failing rows, where the test stores its failures; zero: they are not kept
	Now     time.Time       // what recency compares with
	Resolve Resolver        // finds relations that arguments name; may be nil if none does
}

// Resolver gives the relation that an argument such as ref('clients') names.
type Resolver func(Ref) (physical, public runner.Relation, err error)

// Check is a test ready to run. It is read-only.
type Check struct {
	Test      *runner.Test
	On        runner.Relation   // physical; zero for singular tests
	Reads     []runner.Relation // physical relations read beside On, in order of mention
	Query     string            // failing rows, over physical names
	ShowQuery string            // the same over public names, to show to people
	Predicate string            // true for failing rows of On; empty where the kind is not about single rows

	// Volatile tells that the verdict depends on the clock, so it must never be reused. It speaks for the kind only: SQL
	// of the user's (where, expression, singular) has to be asked about with engine.Inspector.Analyze on Query.
	Volatile bool

	settle          func(context.Context) (Check, error)
	explain         func(error) error
	form            form
	kept            runner.Relation
	errorIf, warnIf Condition
}

// Later is a check whose SQL is known only once what it reads stands: Run calls settle for it.
func (c Check) Later(settle func(context.Context) (Check, error)) Check {
	c.settle = settle
	return c
}

// Identity is everything the verdict depends on beside the rows of the relations it names: verdicts of checks with equal
// identities are equal, unless they are volatile.
func (c Check) Identity() string {
	return strings.Join([]string{
		c.Test.Type, c.Query, c.form.count, string(c.severity()), c.errorIf.String(), c.warnIf.String(),
		fmt.Sprint(c.kept, c.Test.Limit),
	}, "\x00")
}

// Kept is the table that all failing rows go to; zero if they are not kept. Its schema must exist when the check is run,
// for some engines do not like one to be made twice at once.
func (c Check) Kept() runner.Relation { return c.kept }

func (c Check) severity() runner.Severity {
	if c.Test.Severity == "" {
		return runner.SeverityError
	}
	return c.Test.Severity
}

// Kinds are the kinds of generic tests with the arguments that each allows, in alphabetical order.
func Kinds() map[string][]string {
	out := map[string][]string{}
	for name, k := range kinds() {
		args := slices.Clone(k.args)
		sort.Strings(args)
		out[name] = args
	}
	return out
}

// Compile checks a test strictly and makes its SQL. Errors are *runner.Error or runner.Errors of CodeConfig at the
// test's position.
func Compile(t *runner.Test, on Target) (Check, error) {
	check := Check{Test: t, On: on.Physical, explain: on.Explain}
	var errs runner.Errors
	check.errorIf = condition(t, "error_if", t.ErrorIf, &errs)
	check.warnIf = condition(t, "warn_if", t.WarnIf, &errs)
	if t.Severity != "" && t.Severity != runner.SeverityError && t.Severity != runner.SeverityWarn {
		errs = append(errs, configError(t, fmt.Sprintf("severity %q is neither error nor warn", t.Severity),
			runner.DidYouMean(string(t.Severity), []string{"error", "warn"})))
	}
	if t.Limit < 0 {
		errs = append(errs, configError(t, fmt.Sprintf("limit %d is negative", t.Limit), "leave limit out to keep all rows"))
	}
	physical, more := draftOf(t, on, false)
	errs = append(errs, more...)
	if len(errs) == 0 && !physical.form.counted && (check.errorIf.Percent || check.warnIf.Percent) {
		errs = append(errs, configError(t, "a percentage of the tested rows has no meaning for this test", "use a number of rows"))
	}
	if len(errs) > 0 {
		return Check{}, oneOrAll(errs)
	}
	public, more := draftOf(t, on, true)
	if len(more) > 0 {
		return Check{}, oneOrAll(more)
	}
	check.form = physical.form
	if t.StoreFailures {
		check.kept = on.Kept
	}
	check.Query, check.ShowQuery = physical.form.query, public.form.query
	check.Predicate, check.Volatile = physical.form.predicate, physical.form.volatile
	check.Reads = physical.reads
	return check, nil
}

// References are the nodes that a generic test names in its arguments, beside the one it is on. Errors are those of
// Compile.
func References(t *runner.Test) ([]Ref, error) {
	var refs []Ref
	_, errs := draftOf(t, Target{Physical: runner.Relation{Name: "tested"}, Resolve: func(r Ref) (a, b runner.Relation, _ error) {
		refs = append(refs, r)
		return runner.Relation{Name: r.Name}, runner.Relation{Name: r.Name}, nil
	}}, false)
	if len(errs) > 0 {
		return nil, oneOrAll(errs)
	}
	return refs, nil
}

func condition(t *runner.Test, key, text string, errs *runner.Errors) Condition {
	c, err := ParseCondition(text)
	if err != nil {
		*errs = append(*errs, configError(t, fmt.Sprintf("%s: %v", key, err), `write an operator and a number: "!=0", ">10", ">5%"`))
	}
	return c
}

// configError is what is wrong with a test as declared.
func configError(t *runner.Test, msg, hint string) *runner.Error {
	name := t.Type
	if t.Column != "" {
		name += " on " + t.Column
	}
	return &runner.Error{Code: runner.CodeConfig, Pos: t.Pos, Msg: "test " + name + ": " + msg, Hint: hint}
}

func oneOrAll(errs runner.Errors) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errs
}
