package python

import (
	"fmt"
	"time"

	"elt/runner/jinja"
)

// Date is Python's datetime.date.
type Date struct{ at time.Time } // midnight, UTC

// NewDate is the day of t.
func NewDate(t time.Time) *Date {
	return &Date{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// NewTime is the time of day that a clock showed at t.
func NewTime(t time.Time) *Time {
	return &Time{time.Date(1900, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)}
}

func dateClass(now time.Time) *Class {
	return &Class{
		Name: "datetime.date",
		Make: func(call *jinja.Call) (any, error) {
			n, err := wholes(call, dateTimeParts[:3], jinja.Required("year"), jinja.Required("month"), jinja.Required("day"))
			if err != nil {
				return nil, err
			}
			return dateOf(n[0], n[1], n[2])
		},
		Members: Members{
			"today": constant(NewDate(now)),
			"min":   NewDate(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)),
			"max":   NewDate(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)),
			"fromisoformat": function(func(call *jinja.Call) (any, error) {
				text, err := call.String(0, "date_string")
				if err != nil {
					return nil, err
				}
				at, err := time.Parse("2006-01-02", text)
				if err != nil {
					return nil, valueError("invalid isoformat string: %s", jinja.Repr(text))
				}
				return NewDate(at), nil
			}),
			"fromordinal": function(func(call *jinja.Call) (any, error) {
				n, err := wholes(call, []string{"ordinal"}, jinja.Required("ordinal"))
				if err != nil {
					return nil, err
				}
				return NewDate(time.Date(1, 1, n[0], 0, 0, 0, 0, time.UTC)), nil
			}),
		},
	}
}

func dateOf(year, month, day int) (*Date, error) {
	d, err := dateTimeOf([]jinja.Value{year, month, day, 0, 0, 0, 0, nil})
	if err != nil {
		return nil, err
	}
	return NewDate(d.at), nil
}

// dayAttr are the attributes that date and datetime share.
func dayAttr(at time.Time, self any, name string) (jinja.Value, bool) {
	switch name {
	case "year":
		return at.Year(), true
	case "month":
		return int(at.Month()), true
	case "day":
		return at.Day(), true
	case "weekday":
		return constant((int(at.Weekday()) + 6) % 7), true
	case "isoweekday":
		return constant((int(at.Weekday())+6)%7 + 1), true
	case "isocalendar":
		year, week := at.ISOWeek()
		return constant(jinja.NewTuple(year, week, (int(at.Weekday())+6)%7+1)), true
	case "toordinal":
		first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
		return constant(int((NewDate(at).at.Unix()-first.Unix())/86_400) + 1), true
	case "ctime":
		return constant(at.Format("Mon Jan _2 15:04:05 2006")), true
	case "strftime", "__format__":
		return function(func(call *jinja.Call) (any, error) {
			format, err := call.String(0, "format")
			if err != nil {
				return nil, err
			}
			d, isMoment := self.(*DateTime)
			return strftime(at, format, isMoment && d.zone != nil)
		}), true
	}
	return nil, false
}

// Attr implements jinja.Object.
func (d *Date) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "isoformat":
		return constant(d.String()), true
	case "replace":
		return function(func(call *jinja.Call) (any, error) {
			n, err := wholes(call, dateTimeParts[:3], jinja.Optional("year", d.at.Year()),
				jinja.Optional("month", int(d.at.Month())), jinja.Optional("day", d.at.Day()))
			if err != nil {
				return nil, err
			}
			return dateOf(n[0], n[1], n[2])
		}), true
	}
	return dayAttr(d.at, d, name)
}

// String is the date as ISO 8601 writes it.
func (d *Date) String() string { return d.at.Format("2006-01-02") }

// Repr implements jinja.Representer.
func (d *Date) Repr() string { return d.at.Format("datetime.date(2006, 1, 2)") }

// TypeName implements jinja.Typed.
func (*Date) TypeName() string { return "datetime.date" }

// Hash implements jinja.Hashable.
func (d *Date) Hash() string { return d.String() }

// Equal implements jinja.Equaler.
func (d *Date) Equal(other jinja.Value) bool {
	o, ok := other.(*Date)
	return ok && d.at.Equal(o.at)
}

// Compare implements jinja.Comparable.
func (d *Date) Compare(other jinja.Value) (int, bool) {
	o, ok := other.(*Date)
	if !ok {
		return 0, false
	}
	return d.at.Compare(o.at), true
}

// Operate implements jinja.Operand. Only the whole days of a timedelta count.
func (d *Date) Operate(op string, other jinja.Value, reflected bool) (jinja.Value, bool) {
	switch o := other.(type) {
	case Delta:
		days, _ := o.days()
		switch {
		case op == "+":
			return NewDate(d.at.AddDate(0, 0, days)), true
		case op == "-" && !reflected:
			return NewDate(d.at.AddDate(0, 0, -days)), true
		}
	case *Date:
		if op == "-" && !reflected {
			return Delta(d.at.Sub(o.at).Microseconds()), true
		}
	}
	return nil, false
}

// Time is Python's datetime.time, without a zone.
type Time struct{ at time.Time }

func timeClass() *Class {
	return &Class{Name: "datetime.time", Make: func(call *jinja.Call) (any, error) {
		n, err := wholes(call, dateTimeParts[3:], jinja.Optional("hour", 0), jinja.Optional("minute", 0),
			jinja.Optional("second", 0), jinja.Optional("microsecond", 0))
		if err != nil {
			return nil, err
		}
		d, err := dateTimeOf([]jinja.Value{1900, 1, 1, n[0], n[1], n[2], n[3], nil})
		if err != nil {
			return nil, err
		}
		return &Time{d.at}, nil
	}}
}

// Attr implements jinja.Object.
func (t *Time) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "hour":
		return t.at.Hour(), true
	case "minute":
		return t.at.Minute(), true
	case "second":
		return t.at.Second(), true
	case "microsecond":
		return t.at.Nanosecond() / 1000, true
	case "isoformat":
		return constant(t.String()), true
	case "strftime":
		return function(func(call *jinja.Call) (any, error) {
			format, err := call.String(0, "format")
			if err != nil {
				return nil, err
			}
			return strftime(t.at, format, false)
		}), true
	}
	return nil, false
}

// String is the time as ISO 8601 writes it.
func (t *Time) String() string {
	text, _ := isoClock(t.at, "auto")
	return text
}

// Repr implements jinja.Representer.
func (t *Time) Repr() string { return "datetime.time(" + reprClock(t.at) + ")" }

// reprClock is the time of day as Python's repr gives it: seconds only where there are some.
func reprClock(t time.Time) string {
	text := fmt.Sprintf("%d, %d", t.Hour(), t.Minute())
	micro := t.Nanosecond() / 1000
	if t.Second() != 0 || micro != 0 {
		text += fmt.Sprintf(", %d", t.Second())
	}
	if micro != 0 {
		text += fmt.Sprintf(", %d", micro)
	}
	return text
}

// TypeName implements jinja.Typed.
func (*Time) TypeName() string { return "datetime.time" }
