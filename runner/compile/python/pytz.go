package python

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"elt/runner/jinja"
)

// Zone is a time zone, of pytz or datetime.
type Zone struct{ location *time.Location }

func utc() *Zone { return &Zone{time.UTC} }

func pytzModule() Members {
	return Members{
		"utc": utc(), "UTC": utc(),
		"timezone": function(func(call *jinja.Call) (any, error) {
			name, err := call.String(0, "zone")
			if err != nil {
				return nil, err
			}
			location, err := time.LoadLocation(name)
			if err != nil || name == "" || name == "Local" {
				return nil, jinja.Errorf("UnknownTimeZoneError", "there is no time zone %s", jinja.Repr(name))
			}
			return &Zone{location}, nil
		}),
		"FixedOffset": function(func(call *jinja.Call) (any, error) {
			n, err := wholes(call, []string{"minutes"}, jinja.Required("minutes"))
			if err != nil {
				return nil, err
			}
			return &Zone{time.FixedZone("", n[0]*60)}, nil
		}),
	}
}

// fixedZone reads +02:00, -0530 or Z.
func fixedZone(text string) *Zone {
	if text == "Z" {
		return utc()
	}
	digits := strings.ReplaceAll(text[1:], ":", "")
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:4])
	seconds := hours*3600 + minutes*60
	if text[0] == '-' {
		seconds = -seconds
	}
	if seconds == 0 {
		return utc()
	}
	return &Zone{time.FixedZone("", seconds)}
}

func zoneOf(v jinja.Value) (*Zone, error) {
	zone, ok := v.(*Zone)
	if !ok {
		return nil, typeError("tzinfo argument must be a time zone, not %s", jinja.Repr(v))
	}
	return zone, nil
}

// Attr implements jinja.Object.
func (z *Zone) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "zone":
		return z.String(), true
	case "localize":
		return function(func(call *jinja.Call) (any, error) {
			d, err := z.dateTime(call)
			if err != nil {
				return nil, err
			}
			if d.zone != nil {
				return nil, valueError("not naive datetime (tzinfo is already set)")
			}
			t := d.at
			at := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), z.location)
			return &DateTime{at, z}, nil
		}), true
	case "normalize", "fromutc":
		return function(func(call *jinja.Call) (any, error) {
			d, err := z.dateTime(call)
			if err != nil {
				return nil, err
			}
			return &DateTime{d.at.In(z.location), z}, nil
		}), true
	}
	return nil, false
}

func (z *Zone) dateTime(call *jinja.Call) (*DateTime, error) {
	args, err := call.Bind(jinja.Required("dt"), jinja.Optional("is_dst", false))
	if err != nil {
		return nil, err
	}
	d, ok := args[0].(*DateTime)
	if !ok {
		return nil, typeError("expected a datetime, not %s", jinja.Repr(args[0]))
	}
	return d, nil
}

// String is the name of the zone.
func (z *Zone) String() string { return z.location.String() }

// repr is the zone as pytz shows it within a datetime, of which at is the time.
func (z *Zone) repr(at time.Time) string {
	if z.String() == "UTC" {
		return "<UTC>"
	}
	name, seconds := at.In(z.location).Zone()
	season := "STD"
	if at.In(z.location).IsDST() {
		season = "DST"
	}
	sign := ""
	if seconds >= 0 {
		sign = "+"
	}
	return fmt.Sprintf("<DstTzInfo '%s' %s%s%s %s>", z, name, sign, Delta(seconds*second), season)
}

// TypeName implements jinja.Typed.
func (*Zone) TypeName() string { return "tzinfo" }

// Equal implements jinja.Equaler.
func (z *Zone) Equal(other jinja.Value) bool {
	o, ok := other.(*Zone)
	return ok && o.String() == z.String()
}
