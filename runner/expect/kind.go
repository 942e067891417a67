package expect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elt/runner"
)

// kind is one sort of generic test.
type kind struct {
	args    []string // those it allows
	column  columnUse
	compile func(*draft) form
}

// columnUse says whether a test stands below a column.
type columnUse int

const (
	columnRequired columnUse = iota
	columnOptional
	columnForbidden
)

// kinds is the table of all generic tests.
func kinds() map[string]kind {
	return map[string]kind{
		"accepted_values":    {[]string{"values", "quote"}, columnRequired, acceptedValues},
		"expression_is_true": {[]string{"expression"}, columnOptional, expressionIsTrue},
		"not_negative":       {nil, columnRequired, notNegative},
		"not_null":           {nil, columnRequired, notNull},
		"recency":            {[]string{"field", "datepart", "interval"}, columnOptional, recency},
		"relationships":      {[]string{"to", "field"}, columnRequired, relationships},
		"row_count_between":  {[]string{"min", "max"}, columnForbidden, rowCountBetween},
		"sum_equals": {
			[]string{"column", "expression", "to", "to_column", "to_expression", "group_by", "tolerance"}, columnOptional, sumEquals,
		},
		"unique": {nil, columnRequired, unique},
	}
}

// form is the SQL of a test and how to speak of what it finds.
type form struct {
	query     string // failing rows, or groups of them
	predicate string // true for failing rows; empty where the kind is not about single rows
	count     string // aggregate over query's rows that gives the number of failures; empty: count(*)
	total     string // scalar SQL: the number of tested rows; -1 where not counted
	order     string // what query's rows are sorted by first, before all columns; may be empty
	kept      string // names of query's columns in the table that keeps them, where dbt has others: "a, b"
	counted   bool   // failures are among the tested rows, so a percentage makes sense
	volatile  bool

	// fold is an aggregate over the tested relation that is 0 if and only if nothing fails; empty if the kind cannot join
	// a scan. If exact, it is the number of failures.
	fold      string
	foldTotal string // aggregate that counts the tested rows; set where counted
	exact     bool

	say func(found) string // what was found, in one line
}

// found is the outcome of a test that found something.
type found struct {
	count  int64
	total  int64 // -1 where not counted
	sample [][]string
}

// draft is a test being compiled, once over physical and once over public names.
type draft struct {
	test   *runner.Test
	on     Target
	public bool
	errs   runner.Errors
	reads  []runner.Relation
	form   form
}

func draftOf(t *runner.Test, on Target, public bool) (*draft, runner.Errors) {
	d := &draft{test: t, on: on, public: public}
	if on.SQL != "" || t.Type == "singular" {
		d.form = singular(d)
		d.form.countWith(t.FailCalc)
		return d, d.errs
	}
	known := kinds()
	k, ok := known[t.Type]
	if !ok {
		names := slices.Sorted(maps.Keys(known))
		hint := runner.DidYouMean(t.Type, names)
		if hint == "" {
			hint = "known tests are " + strings.Join(names, ", ")
		}
		d.fail("no such test", hint)
		return d, d.errs
	}
	for _, name := range slices.Sorted(maps.Keys(t.Args)) {
		if !slices.Contains(k.args, name) {
			d.unknown(name, k.args)
		}
	}
	switch {
	case k.column == columnRequired && t.Column == "":
		d.fail("needs a column", "put it below a column of the model")
	case k.column == columnForbidden && t.Column != "":
		d.fail("is about the whole relation", "put it below the model, not below a column")
	}
	if f := k.compile(d); len(d.errs) == 0 {
		d.form = f
		d.form.total = "-1"
		if f.counted {
			d.form.foldTotal = d.countWhere("")
			d.form.total = "(select count(*) from " + d.tested() + ")"
		}
		d.form.countWith(t.FailCalc)
	}
	return d, d.errs
}

// countWith takes the number of failures from an aggregate of the user's over the failing rows, unless that is empty.
func (f *form) countWith(failCalc string) {
	if failCalc == "" {
		return
	}
	f.count, f.fold, f.foldTotal, f.counted, f.total = failCalc, "", "", false, "-1"
	f.say = func(found found) string { return fmt.Sprintf("%s is %s", oneLine(failCalc), thousands(found.count)) }
}

func (d *draft) fail(msg, hint string) { d.errs = append(d.errs, configError(d.test, msg, hint)) }

func (d *draft) unknown(name string, known []string) {
	hint := runner.DidYouMean(name, known)
	switch {
	case hint != "":
	case len(known) == 0:
		hint = "it takes no arguments"
	default:
		hint = "it takes " + strings.Join(known, ", ")
	}
	d.fail(fmt.Sprintf("unknown argument %q", name), hint)
}

// tested is the tested relation as it stands in a from clause, filtered.
func (d *draft) tested() string {
	relation := d.on.Physical
	if d.public {
		relation = d.on.Public
	}
	if d.test.Where == "" {
		return relation.String()
	}
	return fmt.Sprintf("(\n  select * from %s\n  where %s\n) as tested", relation, d.test.Where)
}

// column is the tested column in quotes.
func (d *draft) column() string { return runner.Quote(d.test.Column) }

// relation is the relation that an argument names.
func (d *draft) relation(arg string) (runner.Relation, string) {
	text, ok := d.text(arg)
	if !ok {
		return runner.Relation{}, ""
	}
	ref, err := ParseRef(text)
	if err != nil {
		d.fail(fmt.Sprintf("argument %q: %v", arg, err), "write ref('model') or source('source', 'table')")
		return runner.Relation{}, ""
	}
	if d.on.Resolve == nil {
		d.fail(fmt.Sprintf("argument %q: %s cannot be looked up here", arg, ref), "")
		return runner.Relation{}, ""
	}
	physical, public, err := d.on.Resolve(ref)
	if err != nil {
		e := configError(d.test, fmt.Sprintf("argument %q", arg), "")
		e.Err = err
		d.errs = append(d.errs, e)
	}
	d.reads = append(d.reads, physical)
	if d.public {
		return public, public.Bare()
	}
	return physical, public.Bare()
}

// rowsWhere is the form of the kinds about single rows: those fail for which predicate is true.
func (d *draft) rowsWhere(predicate string, say func(found) string) form {
	return form{
		query:     fmt.Sprintf("select *\nfrom %s\nwhere %s", d.tested(), predicate),
		predicate: predicate,
		counted:   true,
		fold:      d.countWhere(predicate),
		exact:     true,
		say:       say,
	}
}

// countWhere is the aggregate that counts the tested rows for which predicate is true; every tested row for an empty one.
func (d *draft) countWhere(predicate string) string {
	switch where := d.test.Where; {
	case where == "" && predicate == "":
		return "count(*)"
	case where == "":
		return fmt.Sprintf("count(case when %s then 1 end)", predicate)
	case predicate == "":
		return fmt.Sprintf("count(case when (%s\n) then 1 end)", where)
	default: // nested, so that predicate is not computed for rows that where keeps out
		return fmt.Sprintf("count(case when (%s\n) then case when %s then 1 end end)", where, predicate)
	}
}

// onlyTested is an expression that is NULL for rows that where keeps out.
func (d *draft) onlyTested(expression string) string {
	if d.test.Where == "" {
		return expression
	}
	return fmt.Sprintf("case when (%s\n) then %s end", d.test.Where, expression)
}
