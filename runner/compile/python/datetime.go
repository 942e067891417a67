package python

import (
	"fmt"
	"time"

	"elt/runner/jinja"
)

// DateTime is Python's datetime.datetime. A naive one, without a zone, is kept in UTC.
type DateTime struct {
	at   time.Time
	zone *Zone // nil: naive
}

// NewDateTime is the moment t in its own zone.
func NewDateTime(t time.Time) *DateTime {
	return &DateTime{at: t, zone: &Zone{t.Location()}}
}

// NewNaive is what a clock showed at t, without a zone.
func NewNaive(t time.Time) *DateTime { return &DateTime{at: naive(t)} }

func naive(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
}

func datetimeModule(now time.Time) Members {
	return Members{
		"datetime":  datetimeClass(now),
		"date":      dateClass(now),
		"time":      timeClass(),
		"timedelta": deltaClass(),
		"timezone":  Members{"utc": utc()},
		"tzinfo":    &Class{Name: "datetime.tzinfo", Make: func(*jinja.Call) (any, error) { return nil, typeError("tzinfo is abstract") }},
	}
}

func datetimeClass(now time.Time) *Class {
	return &Class{Name: "datetime.datetime", Make: makeDateTime, Members: Members{
		"now": function(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Optional("tz", nil))
			if err != nil {
				return nil, err
			}
			if args[0] == nil {
				return NewNaive(now), nil
			}
			zone, err := zoneOf(args[0])
			if err != nil {
				return nil, err
			}
			return &DateTime{now.In(zone.location), zone}, nil
		}),
		"utcnow":   constant(NewNaive(now.UTC())),
		"today":    constant(NewNaive(now)),
		"strptime": function(strptime),
		"min":      NewNaive(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)),
		"max":      NewNaive(time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)),
		"fromisoformat": function(func(call *jinja.Call) (any, error) {
			text, err := call.String(0, "date_string")
			if err != nil {
				return nil, err
			}
			return fromISO(text)
		}),
		"fromtimestamp": function(func(call *jinja.Call) (any, error) {
			args, err := call.Bind(jinja.Required("timestamp"), jinja.Optional("tz", nil))
			if err != nil {
				return nil, err
			}
			seconds, err := number("timestamp", args[0])
			if err != nil {
				return nil, err
			}
			at := time.UnixMicro(int64(seconds * second)).UTC()
			if args[1] == nil {
				return NewNaive(at), nil
			}
			zone, err := zoneOf(args[1])
			if err != nil {
				return nil, err
			}
			return &DateTime{at.In(zone.location), zone}, nil
		}),
		"combine": function(combine),
	}}
}

var dateTimeParts = [...]string{"year", "month", "day", "hour", "minute", "second", "microsecond"}

func makeDateTime(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("year"), jinja.Required("month"), jinja.Required("day"), jinja.Optional("hour", 0),
		jinja.Optional("minute", 0), jinja.Optional("second", 0), jinja.Optional("microsecond", 0), jinja.Optional("tzinfo", nil))
	if err != nil {
		return nil, err
	}
	return dateTimeOf(args)
}

// dateTimeOf makes a datetime of its seven numbers and its zone.
func dateTimeOf(args []jinja.Value) (*DateTime, error) {
	var n [7]int
	for i, name := range dateTimeParts {
		var err error
		if n[i], err = whole(name, args[i]); err != nil {
			return nil, err
		}
	}
	zone, location := (*Zone)(nil), time.UTC
	if args[7] != nil {
		var err error
		if zone, err = zoneOf(args[7]); err != nil {
			return nil, err
		}
		location = zone.location
	}
	at := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, location)
	switch {
	case n[0] < 1 || n[0] > 9999:
		return nil, valueError("year %d is out of range", n[0])
	case n[1] < 1 || n[1] > 12:
		return nil, valueError("month must be in 1..12")
	case n[2] < 1 || time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC).Day() != n[2]:
		return nil, valueError("day is out of range for month")
	case n[3] < 0 || n[3] > 23 || n[4] < 0 || n[4] > 59 || n[5] < 0 || n[5] > 59 || n[6] < 0 || n[6] > 999999:
		return nil, valueError("hour, minute, second or microsecond is out of range")
	}
	return &DateTime{at, zone}, nil
}

func combine(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Required("date"), jinja.Required("time"))
	if err != nil {
		return nil, err
	}
	var on time.Time
	switch d := args[0].(type) {
	case *Date:
		on = d.at
	case *DateTime:
		on = d.at
	default:
		return nil, typeError("combine(): date must be a date, not %s", jinja.Repr(args[0]))
	}
	clock, ok := args[1].(*Time)
	if !ok {
		return nil, typeError("combine(): time must be a time, not %s", jinja.Repr(args[1]))
	}
	c := clock.at
	return &DateTime{at: time.Date(on.Year(), on.Month(), on.Day(), c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), time.UTC)}, nil
}

// Attr implements jinja.Object.
func (d *DateTime) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "hour":
		return d.at.Hour(), true
	case "minute":
		return d.at.Minute(), true
	case "second":
		return d.at.Second(), true
	case "microsecond":
		return d.at.Nanosecond() / 1000, true
	case "tzinfo":
		if d.zone == nil {
			return nil, true
		}
		return d.zone, true
	case "date":
		return constant(NewDate(d.at)), true
	case "time":
		return constant(&Time{d.at}), true
	case "timestamp":
		return constant(float64(d.at.UnixMicro()) / second), true
	case "astimezone":
		return function(d.asTimezone), true
	case "replace":
		return function(d.replace), true
	case "isoformat":
		return function(d.isoFormat), true
	case "utcoffset":
		return constant(d.offset()), true
	case "tzname":
		if d.zone == nil {
			return constant(nil), true
		}
		return constant(d.at.Format("MST")), true
	}
	return dayAttr(d.at, d, name)
}

func (d *DateTime) offset() any {
	if d.zone == nil {
		return nil
	}
	_, seconds := d.at.Zone()
	return Delta(seconds * second)
}

func (d *DateTime) asTimezone(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("tz", nil))
	if err != nil {
		return nil, err
	}
	zone := utc()
	if args[0] != nil {
		if zone, err = zoneOf(args[0]); err != nil {
			return nil, err
		}
	}
	return &DateTime{d.at.In(zone.location), zone}, nil
}

func (d *DateTime) replace(call *jinja.Call) (any, error) {
	zone := jinja.Value(nil)
	if d.zone != nil {
		zone = d.zone
	}
	args, err := call.Bind(jinja.Optional("year", d.at.Year()), jinja.Optional("month", int(d.at.Month())),
		jinja.Optional("day", d.at.Day()), jinja.Optional("hour", d.at.Hour()), jinja.Optional("minute", d.at.Minute()),
		jinja.Optional("second", d.at.Second()), jinja.Optional("microsecond", d.at.Nanosecond()/1000), jinja.Optional("tzinfo", zone))
	if err != nil {
		return nil, err
	}
	return dateTimeOf(args)
}

func (d *DateTime) isoFormat(call *jinja.Call) (any, error) {
	args, err := call.Bind(jinja.Optional("sep", "T"), jinja.Optional("timespec", "auto"))
	if err != nil {
		return nil, err
	}
	clock, err := isoClock(d.at, jinja.ToString(args[1]))
	if err != nil {
		return nil, err
	}
	return d.at.Format("2006-01-02") + jinja.ToString(args[0]) + clock + d.isoZone(), nil
}

func isoClock(at time.Time, spec string) (string, error) {
	switch spec {
	case "hours":
		return at.Format("15"), nil
	case "minutes":
		return at.Format("15:04"), nil
	case "seconds":
		return at.Format("15:04:05"), nil
	case "milliseconds":
		return at.Format("15:04:05.000"), nil
	case "microseconds":
		return at.Format("15:04:05.000000"), nil
	case "auto":
		if at.Nanosecond() == 0 {
			return at.Format("15:04:05"), nil
		}
		return at.Format("15:04:05.000000"), nil
	}
	return "", valueError("unknown timespec value '%s'", spec)
}

func (d *DateTime) isoZone() string {
	if d.zone == nil {
		return ""
	}
	return d.at.Format("-07:00")
}

// String prints as Python does: 2024-12-31 23:59:59.
func (d *DateTime) String() string {
	clock, _ := isoClock(d.at, "auto")
	return d.at.Format("2006-01-02 ") + clock + d.isoZone()
}

// Repr implements jinja.Representer.
func (d *DateTime) Repr() string {
	text := d.at.Format("datetime.datetime(2006, 1, 2, ") + reprClock(d.at)
	if d.zone != nil {
		text += ", tzinfo=" + d.zone.repr(d.at)
	}
	return text + ")"
}

// TypeName implements jinja.Typed.
func (*DateTime) TypeName() string { return "datetime.datetime" }

// Hash implements jinja.Hashable.
func (d *DateTime) Hash() string { return fmt.Sprint(d.at.UnixMicro(), d.zone == nil) }

// Equal implements jinja.Equaler.
func (d *DateTime) Equal(other jinja.Value) bool {
	o, ok := other.(*DateTime)
	return ok && (d.zone == nil) == (o.zone == nil) && d.at.Equal(o.at)
}

// Compare implements jinja.Comparable.
func (d *DateTime) Compare(other jinja.Value) (int, bool) {
	o, ok := other.(*DateTime)
	if !ok || (d.zone == nil) != (o.zone == nil) {
		return 0, false
	}
	return d.at.Compare(o.at), true
}

// Operate implements jinja.Operand.
func (d *DateTime) Operate(op string, other jinja.Value, reflected bool) (jinja.Value, bool) {
	switch o := other.(type) {
	case Delta:
		by := time.Duration(o) * time.Microsecond
		switch {
		case op == "+":
			return d.plus(by), true
		case op == "-" && !reflected:
			return d.plus(-by), true
		}
	case *DateTime:
		if op == "-" && !reflected && (d.zone == nil) == (o.zone == nil) {
			return Delta(d.at.UnixMicro() - o.at.UnixMicro()), true
		}
	}
	return nil, false
}

// plus moves the hands of the clock, as Python does: in a zone with summer time a day later is the same time of day.
func (d *DateTime) plus(by time.Duration) *DateTime {
	moved := naive(d.at).Add(by)
	return &DateTime{time.Date(moved.Year(), moved.Month(), moved.Day(), moved.Hour(), moved.Minute(), moved.Second(),
		moved.Nanosecond(), d.at.Location()), d.zone}
}
