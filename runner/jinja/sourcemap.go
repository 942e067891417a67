package jinja

import (
	"sort"
)

// segment says where a run of output, up to the next segment, comes from.
type segment struct {
	out    int // byte offset in the output
	t      *Template
	src    int        // byte offset in t's source
	stack  *callFrame // calls that were active
	linear bool       // output bytes are source bytes: src advances with out
}

// callFrame is a node of the call stack; frames are shared between segments.
type callFrame struct {
	up   *callFrame
	name string
	t    *Template
	at   int
}

func (f *callFrame) frames() []Frame {
	var out []Frame
	for ; f != nil; f = f.up {
		out = append(out, Frame{f.name, f.t.position(f.at)})
	}
	return out
}

// SourceMap tells where each byte of an output comes from.
type SourceMap struct {
	segs []segment
	text string
}

// Origin is the place in a template that made a piece of output, and the calls that led there, innermost first.
type Origin struct {
	Pos   Position
	Stack []Frame
}

// At finds the origin of the output byte at offset. It is false outside the output.
func (m *SourceMap) At(offset int) (Origin, bool) {
	if offset < 0 || offset >= len(m.text) {
		return Origin{}, false
	}
	i := sort.Search(len(m.segs), func(i int) bool { return m.segs[i].out > offset }) - 1
	if i < 0 {
		return Origin{}, false
	}
	s := m.segs[i]
	src := s.src
	if s.linear {
		src += offset - s.out
	}
	return Origin{s.t.position(src), s.stack.frames()}, true
}

// buffer collects output and its segments.
type buffer struct {
	b    []byte
	segs []segment
}

// mark starts a segment unless it continues the last one.
func (b *buffer) mark(sg segment) {
	if n := len(b.segs); n > 0 {
		last := &b.segs[n-1]
		if last.t == sg.t && last.stack == sg.stack && last.linear == sg.linear {
			want := last.src
			if sg.linear {
				want += sg.out - last.out
			}
			if want == sg.src {
				return
			}
		}
	}
	b.segs = append(b.segs, sg)
}

// write adds text that comes from one place.
func (b *buffer) write(s string, sg segment) {
	if s == "" {
		return
	}
	sg.out = len(b.b)
	b.mark(sg)
	b.b = append(b.b, s...)
}

// writeText adds text that brings its own segments.
func (b *buffer) writeText(t *text) {
	for _, sg := range t.segs {
		sg.out += len(b.b)
		b.mark(sg)
	}
	b.b = append(b.b, t.s...)
}

func (b *buffer) text() *text { return &text{s: string(b.b), segs: b.segs} }

// slice gives the part of t between two byte offsets, with its origins.
func (t *text) slice(from, to int) *text {
	out := &text{s: t.s[from:to], markup: t.markup}
	for i, sg := range t.segs {
		if sg.out >= to {
			break
		}
		if i+1 < len(t.segs) && t.segs[i+1].out <= from {
			continue
		}
		if sg.out < from {
			if sg.linear {
				sg.src += from - sg.out
			}
			sg.out = from
		}
		sg.out -= from
		out.segs = append(out.segs, sg)
	}
	return out
}
