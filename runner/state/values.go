package state

import (
	"database/sql"
	"encoding/json"
	"time"
)

// micros is a time as it is stored: NULL for the zero time.
func micros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func fromMicros(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

func duration(micros int64) time.Duration { return time.Duration(micros) * time.Microsecond }

// orNow is t, or the time now where t is zero.
func (f *file) orNow(t time.Time) time.Time {
	if t.IsZero() {
		return f.now()
	}
	return t
}

// text is JSON as it is stored: NULL for none.
func text(raw json.RawMessage) sql.NullString {
	return sql.NullString{String: string(raw), Valid: raw != nil}
}

func fromText(s sql.NullString) json.RawMessage {
	if !s.Valid {
		return nil
	}
	return json.RawMessage(s.String)
}

// keys packs values for `in (select value from json_each(?))`: one parameter, however many there are.
func keys(values []string) (string, error) {
	packed, err := json.Marshal(values)
	return string(packed), err
}
