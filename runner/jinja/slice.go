package jinja

import (
	"math"
	"math/big"
	"unicode/utf8"
)

// runeString is a string with fast access by rune.
type runeString struct {
	s     string
	runes []rune // nil when all is ASCII
}

func newRuneString(s string) runeString {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return runeString{s, []rune(s)}
		}
	}
	return runeString{s, nil}
}

func (r runeString) len() int {
	if r.runes != nil {
		return len(r.runes)
	}
	return len(r.s)
}

func (r runeString) slice(i, j int) string {
	if r.runes != nil {
		return string(r.runes[i:j])
	}
	return r.s[i:j]
}

// slice is x[start:stop:step].
func (s *state) slice(x Value, n *sliceExpr, f *frame) (Value, error) {
	bounds := make([]Value, 3)
	for i, e := range []expr{n.start, n.stop, n.step} {
		if e == nil {
			continue
		}
		v, err := s.eval(e, f)
		if err != nil {
			return nil, err
		}
		bounds[i] = v
	}
	if err := checkBounds(bounds); err != nil {
		return nil, err
	}
	return s.sliceOf(plain(x), bounds)
}

// checkBounds makes sure that the bounds of a slice are integers or none, and clips huge ones.
func checkBounds(bounds []Value) error {
	for i, v := range bounds {
		if n, ok := v.(*big.Int); ok {
			bounds[i] = n.Sign() * maxBound
		} else if _, ok := intOf(v); !ok && v != nil {
			return wrongType(v, "slice indices must be integers or None or have an __index__ method")
		}
	}
	return nil
}

// maxBound is longer than any sequence.
const maxBound = math.MaxInt / 2

func (s *state) sliceOf(x Value, bounds []Value) (Value, error) {
	if step, ok := intOf(bounds[2]); ok && step == 0 {
		return nil, valueError("slice step cannot be zero")
	}
	switch v := x.(type) {
	case *Undefined:
		return nil, v.err()
	case string:
		r := newRuneString(v)
		start, stop, step := sliceBounds(bounds, r.len())
		if step == 1 {
			return r.slice(start, max(start, stop)), s.spend(stop - min(start, stop))
		}
		var out []rune
		for _, i := range sliceIndexes(start, stop, step) {
			out = append(out, []rune(r.slice(i, i+1))...)
		}
		return string(out), s.spend(len(out))
	case *List, *Tuple:
		items, _ := sequence(v)
		start, stop, step := sliceBounds(bounds, len(items))
		var out []Value
		for _, i := range sliceIndexes(start, stop, step) {
			out = append(out, items[i])
		}
		return sequenceLike(v, out), s.spendItems(len(out))
	case *Range:
		start, stop, step := sliceBounds(bounds, v.len())
		limit := maxBound / max(v.step, -v.step) // a longer step takes no other item
		step = min(max(step, -limit), limit)
		return &Range{v.at(start), v.at(stop), v.step * step}, nil
	}
	return nil, typeError("'%s' object is not subscriptable", typeName(x))
}

// sliceBounds clips the bounds of a slice to a sequence of n items as Python does.
func sliceBounds(b []Value, n int) (start, stop, step int) {
	step = 1
	if v, ok := intOf(b[2]); ok {
		step = v
	}
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	clip := func(v Value, dflt int) int {
		i, ok := intOf(v)
		if !ok {
			return dflt
		}
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	if step < 0 {
		return clip(b[0], high), clip(b[1], low), step
	}
	return clip(b[0], low), clip(b[1], high), step
}

// sliceIndexes lists the places of a slice with clipped bounds.
func sliceIndexes(start, stop, step int) []int {
	r := Range{start, stop, step}
	out := make([]int, r.len())
	for i := range out {
		out[i] = r.at(i)
	}
	return out
}
