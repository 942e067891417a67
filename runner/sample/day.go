package sample

import "time"

// day counts civil days since 1970-01-01.
type day int32

const secondsPerDay = 24 * 60 * 60

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func (d day) time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// weekday is 0 on Sunday.
func (d day) weekday() int { return ((int(d)+4)%7 + 7) % 7 }

func (d day) append(b []byte) []byte { return d.time().AppendFormat(b, time.DateOnly) }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// parseDay reads an ISO date.
func parseDay(b []byte) (day, bool) {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return 0, false
	}
	return dayOf(t), true
}
