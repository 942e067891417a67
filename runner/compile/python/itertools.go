package python

import (
	"elt/runner/jinja"
)

// maxItems bounds what one call of itertools may make.
const maxItems = 1_000_000

func itertoolsModule() Members {
	chain := func(lists []jinja.Value) (any, error) {
		out := jinja.NewList()
		for _, list := range lists {
			items, err := items(list)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, items...)
		}
		return out, nil
	}
	return Members{
		"chain": &Class{
			Name: "itertools.chain", Make: func(call *jinja.Call) (any, error) { return chain(call.Args) },
			Members: Members{"from_iterable": function(func(call *jinja.Call) (any, error) {
				args, err := call.Bind(jinja.Required("iterable"))
				if err != nil {
					return nil, err
				}
				lists, err := items(args[0])
				if err != nil {
					return nil, err
				}
				return chain(lists)
			})},
		},
		"product":                       function(product),
		"permutations":                  function(permutations),
		"combinations":                  function(func(call *jinja.Call) (any, error) { return combinations(call, false) }),
		"combinations_with_replacement": function(func(call *jinja.Call) (any, error) { return combinations(call, true) }),
		"accumulate":                    function(accumulate),
		"compress":                      function(compress),
		"islice":                        function(islice),
		"starmap":                       function(starmap),
		"zip_longest":                   function(zipLongest),
		"tee":                           function(tee),
		"count":                         function(count),
		"cycle":                         function(cycle),
		"repeat":                        function(repeat),
	}
}

// items lists what an argument yields; what never ends is refused.
func items(v jinja.Value) ([]jinja.Value, error) {
	if e, ok := v.(*endless); ok {
		return nil, valueError("%s never ends: cut it with itertools.islice", e.name)
	}
	return jinja.Items(v)
}

// endless is an iterator without end.
type endless struct {
	name string
	at   func(i int) jinja.Value
}

// Attr implements jinja.Object.
func (*endless) Attr(string) (jinja.Value, bool) { return nil, false }

// String names it.
func (e *endless) String() string { return "<" + e.name + ">" }

func count(call *jinja.Call) (any, error) {
	n, err := wholes(call, []string{"start", "step"}, jinja.Optional("start", 0), jinja.Optional("step", 1))
	if err != nil {
		return nil, err
	}
	return &endless{"itertools.count", func(i int) jinja.Value { return n[0] + i*n[1] }}, nil
}

func cycle(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("iterable"))
	if err != nil {
		return nil, err
	}
	list, err := items(args[0])
	if err != nil || len(list) == 0 {
		return jinja.NewList(), err
	}
	return &endless{"itertools.cycle", func(i int) jinja.Value { return list[i%len(list)] }}, nil
}

func repeat(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("object"), jinja.Optional("times", nil))
	if err != nil {
		return nil, err
	}
	if args[1] == nil {
		return &endless{"itertools.repeat", func(int) jinja.Value { return args[0] }}, nil
	}
	n, err := whole("times", args[1])
	if err != nil {
		return nil, err
	}
	if n > maxItems {
		return nil, tooMany()
	}
	out := jinja.NewList()
	for range n {
		out.Items = append(out.Items, args[0])
	}
	return out, nil
}

func tooMany() error { return jinja.Errorf(jinja.KindLimit, "itertools: more than %d items", maxItems) }

func product(call *jinja.Call) (any, error) {
	times := 1
	if v, ok := call.Kwargs.Get("repeat"); ok {
		var err error
		if times, err = whole("repeat", v); err != nil {
			return nil, err
		}
	}
	var lists [][]jinja.Value
	for range times {
		for _, arg := range call.Args {
			list, err := items(arg)
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
	}
	rows := [][]jinja.Value{{}}
	for _, list := range lists {
		if len(rows)*len(list) > maxItems {
			return nil, tooMany()
		}
		next := make([][]jinja.Value, 0, len(rows)*len(list))
		for _, row := range rows {
			for _, x := range list {
				next = append(next, append(append([]jinja.Value{}, row...), x))
			}
		}
		rows = next
	}
	return tuples(rows), nil
}

func tuples(rows [][]jinja.Value) *jinja.List {
	out := jinja.NewList()
	for _, row := range rows {
		out.Items = append(out.Items, jinja.NewTuple(row...))
	}
	return out
}

// choose lists the ways to take r of n places; accept says whether place i may follow those taken.
func choose(list []jinja.Value, r int, accept func(taken []int, i int) bool) (any, error) {
	var rows [][]jinja.Value
	var taken []int
	var walk func() error
	walk = func() error {
		if len(taken) == r {
			if len(rows) >= maxItems {
				return tooMany()
			}
			row := make([]jinja.Value, r)
			for k, i := range taken {
				row[k] = list[i]
			}
			rows = append(rows, row)
			return nil
		}
		for i := range list {
			if accept(taken, i) {
				taken = append(taken, i)
				if err := walk(); err != nil {
					return err
				}
				taken = taken[:len(taken)-1]
			}
		}
		return nil
	}
	if err := walk(); err != nil {
		return nil, err
	}
	return tuples(rows), nil
}

func permutations(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("iterable"), jinja.Optional("r", nil))
	if err != nil {
		return nil, err
	}
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	r := len(list)
	if args[1] != nil {
		if r, err = whole("r", args[1]); err != nil {
			return nil, err
		}
	}
	return choose(list, r, func(taken []int, i int) bool {
		for _, t := range taken {
			if t == i {
				return false
			}
		}
		return true
	})
}

func combinations(call *jinja.Call, again bool) (any, error) {
	args, err := call.Bind(jinja.Required("iterable"), jinja.Required("r"))
	if err != nil {
		return nil, err
	}
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	r, err := whole("r", args[1])
	if err != nil {
		return nil, err
	}
	return choose(list, r, func(taken []int, i int) bool {
		last := len(taken) - 1
		return last < 0 || i > taken[last] || again && i == taken[last]
	})
}

func accumulate(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("iterable"), jinja.Optional("func", nil), jinja.Optional("initial", nil))
	if err != nil {
		return nil, err
	}
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	if args[2] != nil {
		list = append([]jinja.Value{args[2]}, list...)
	}
	out := jinja.NewList()
	for i, x := range list {
		if i > 0 {
			before := out.Items[i-1]
			if args[1] != nil {
				x, err = call.Invoke(args[1], []jinja.Value{before, x}, nil)
			} else {
				x, err = plus(before, x)
			}
			if err != nil {
				return nil, err
			}
		}
		out.Items = append(out.Items, x)
	}
	return out, nil
}

func plus(a, b jinja.Value) (jinja.Value, error) {
	x, ok1 := a.(int)
	y, ok2 := b.(int)
	if ok1 && ok2 {
		return x + y, nil
	}
	f, err := number("iterable", a)
	if err != nil {
		return nil, err
	}
	g, err := number("iterable", b)
	return f + g, err
}

func compress(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("data"), jinja.Required("selectors"))
	if err != nil {
		return nil, err
	}
	data, err := items(args[0])
	if err != nil {
		return nil, err
	}
	chosen, err := items(args[1])
	if err != nil {
		return nil, err
	}
	out := jinja.NewList()
	for i := range min(len(data), len(chosen)) {
		if jinja.Truth(chosen[i]) {
			out.Items = append(out.Items, data[i])
		}
	}
	return out, nil
}

// islice is islice(iterable, stop) or islice(iterable, start, stop[, step]).
func islice(call *jinja.Call) (any, error) {
	if len(call.Args) < 2 || len(call.Args) > 4 {
		return nil, typeError("islice expected 2 to 4 arguments, got %d", len(call.Args))
	}
	at := [3]int{0, -1, 1} // start, stop, step
	bounds := call.Args[1:]
	if len(bounds) == 1 {
		bounds = []jinja.Value{nil, bounds[0]}
	}
	for i, v := range bounds {
		if v == nil {
			continue
		}
		var err error
		if at[i], err = whole("stop", v); err != nil {
			return nil, err
		}
		if at[i] < 0 || i == 2 && at[i] == 0 {
			return nil, valueError("indices of islice must be zero or more, its step one or more")
		}
	}
	e, never := call.Args[0].(*endless)
	if never && (at[1] < 0 || at[1] > maxItems) {
		return nil, valueError("%s never ends: islice needs a stop", e.name)
	}
	out := jinja.NewList()
	if never {
		for i := at[0]; i < at[1]; i += at[2] {
			out.Items = append(out.Items, e.at(i))
		}
		return out, nil
	}
	list, err := items(call.Args[0])
	if err != nil {
		return nil, err
	}
	if at[1] < 0 || at[1] > len(list) {
		at[1] = len(list)
	}
	for i := at[0]; i < at[1]; i += at[2] {
		out.Items = append(out.Items, list[i])
	}
	return out, nil
}

func starmap(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("function"), jinja.Required("iterable"))
	if err != nil {
		return nil, err
	}
	rows, err := items(args[1])
	if err != nil {
		return nil, err
	}
	out := jinja.NewList()
	for _, row := range rows {
		values, err := items(row)
		if err != nil {
			return nil, err
		}
		v, err := call.Invoke(args[0], values, nil)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

func tee(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("iterable"), jinja.Optional("n", 2))
	if err != nil {
		return nil, err
	}
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	n, err := whole("n", args[1])
	if err != nil {
		return nil, err
	}
	if n < 0 || n > maxItems {
		return nil, tooMany()
	}
	copies := make([]jinja.Value, n)
	for i := range copies {
		copies[i] = jinja.NewList(append([]jinja.Value{}, list...)...)
	}
	return jinja.NewTuple(copies...), nil
}

func zipLongest(call *jinja.Call) (any, error) {
	fill, _ := call.Kwargs.Get("fillvalue")
	lists := make([][]jinja.Value, len(call.Args))
	longest := 0
	for i, arg := range call.Args {
		var err error
		if lists[i], err = items(arg); err != nil {
			return nil, err
		}
		longest = max(longest, len(lists[i]))
	}
	out := jinja.NewList()
	for i := range longest {
		row := make([]jinja.Value, len(lists))
		for k, list := range lists {
			if row[k] = fill; i < len(list) {
				row[k] = list[i]
			}
		}
		out.Items = append(out.Items, jinja.NewTuple(row...))
	}
	return out, nil
}
