package jinja

// expr is an expression. at is its byte offset in the template's source.
type expr interface {
	at() int
	eval(s *state, f *frame) (Value, error)
}

// stmt is a statement or a piece of text.
type stmt interface {
	at() int
	exec(s *state, f *frame) (signal, error)
}

// pos is the byte offset of a node.
type pos int

func (p pos) at() int { return int(p) }

type (
	constExpr struct {
		pos
		v Value
	}
	nameExpr struct {
		pos
		name string
	}
	seqExpr struct { // list or tuple
		pos
		items []expr
		tuple bool
	}
	dictExpr struct {
		pos
		keys, vals []expr
	}
	condExpr struct {
		pos
		test, yes, no expr // no may be nil
	}
	binExpr struct {
		pos
		op   string
		l, r expr
	}
	unaryExpr struct {
		pos
		op string
		x  expr
	}
	logicExpr struct {
		pos
		and  bool
		l, r expr
	}
	notExpr struct {
		pos
		x expr
	}
	compareExpr struct {
		pos
		first expr
		ops   []string
		rest  []expr
	}
	concatExpr struct {
		pos
		items []expr
	}
	attrExpr struct {
		pos
		x      expr
		name   string
		nameAt int
	}
	itemExpr struct {
		pos
		x, key expr
	}
	sliceExpr struct {
		pos
		start, stop, step expr // each may be nil
	}
	callExpr struct {
		pos
		fn   expr
		args callArgs
	}
	filterExpr struct {
		pos
		x    expr // nil: what the enclosing filter or set block captured
		name string
		f    *filterDef // nil: unknown, an error when reached
		args callArgs

		nameAt int
	}
	testExpr struct {
		pos
		x    expr
		name string
		fn   Func
		args callArgs
	}
	nsTarget struct { // ns.attr on the left of set
		pos
		name, attr string
	}
)

// callArgs are the arguments of a call, filter or test.
type callArgs struct {
	pos   []expr
	kw    []kwArg
	star  expr
	dstar expr
}

type kwArg struct {
	name string
	x    expr
}

type (
	textStmt struct {
		pos
		s string
	}
	printStmt struct {
		pos
		x expr
	}
	ifStmt struct {
		pos
		tests  []expr
		bodies [][]stmt
		orElse []stmt
	}
	forStmt struct {
		pos
		target    expr
		iter      expr
		test      expr
		body      []stmt
		orElse    []stmt
		recursive bool
	}
	setStmt struct {
		pos
		target expr
		x      expr
	}
	setBlockStmt struct {
		pos
		target expr
		filter expr // nil or a chain of filters
		body   []stmt
	}
	macroStmt struct {
		pos
		def *macroDef
	}
	callStmt struct {
		pos
		call *callExpr
		def  *macroDef
	}
	filterStmt struct {
		pos
		filter expr
		body   []stmt
	}
	withStmt struct {
		pos
		targets []expr
		values  []expr
		body    []stmt
	}
	doStmt struct {
		pos
		x expr
	}
	includeStmt struct {
		pos
		x             expr
		ignoreMissing bool
		withContext   bool
	}
	importStmt struct {
		pos
		x           expr
		target      string
		withContext bool
	}
	fromStmt struct {
		pos
		x           expr
		names       []string
		aliases     []string
		withContext bool
	}
	loopControlStmt struct {
		pos
		sig signal
	}
	customStmt struct {
		pos
		block *Block
	}
)

// macroDef is a macro, or the body of a call block, whose name is "caller".
type macroDef struct {
	pos
	name     string
	args     []string
	argPos   []int
	defaults []expr // of the last len(defaults) arguments
	body     []stmt

	usesCaller, usesKwargs, usesVarargs bool
	explicitCaller                      bool            // caller is among args
	hidden                              map[string]bool // special names that the body assigns
	isCaller                            bool            // a call block: it is not where `return` stops
	end                                 int             // byte offset of the end tag
}
