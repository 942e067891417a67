package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"elt/runner"
)

// VerdictKey names what a verdict is about.
type VerdictKey struct {
	TestID      string
	Fingerprint string // of the test and of the relations it reads
}

// Verdict is what a data test found. It stays true as long as neither the test nor what it reads changes.
type Verdict struct {
	VerdictKey
	Status  runner.Status
	Failing int64
	Total   int64 // -1 where not counted
	Message string
	Elapsed time.Duration
	Failure *runner.Failure // nil where it passed
	RunID   string
	Checked time.Time
}

// SaveVerdicts records verdicts, replacing those of the same keys. A zero Checked is now.
func (s *Store) SaveVerdicts(ctx context.Context, verdicts ...Verdict) error {
	encoded := make([][]any, len(verdicts))
	for i, v := range verdicts {
		failure, err := encodeFailure(v.Failure)
		if err != nil {
			return err
		}
		encoded[i] = []any{
			s.target, v.TestID, v.Fingerprint, v.Status, v.Failing, v.Total, v.Message, v.Elapsed.Microseconds(),
			failure, v.RunID, micros(s.orNow(v.Checked)),
		}
	}
	return saveAll(ctx, s.file, "record the verdicts", `
		insert or replace into test_verdicts (target, test_id, fingerprint, status, failing, total, message, elapsed,
		    failure, run_id, checked_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, encoded, func(row []any) []any { return row })
}

// Verdicts gives those of the keys that are known, in one query.
func (s *Store) Verdicts(ctx context.Context, wanted ...VerdictKey) (map[VerdictKey]Verdict, error) {
	if len(wanted) == 0 {
		return map[VerdictKey]Verdict{}, nil
	}
	packed, err := json.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	verdicts, err := list(ctx, s.file, "read the verdicts", `
		select v.test_id, v.fingerprint, v.status, v.failing, v.total, v.message, v.elapsed, v.failure, v.run_id,
		       v.checked_at
		from json_each(?) as wanted
		cross join test_verdicts as v
		where v.target = ?
		    and v.test_id = wanted.value ->> '$.TestID'
		    and v.fingerprint = wanted.value ->> '$.Fingerprint'`, readVerdict, string(packed), s.target)
	return index(verdicts, func(v Verdict) VerdictKey { return v.VerdictKey }), err
}

func readVerdict(row scan) (v Verdict, err error) {
	var elapsed int64
	var failure sql.NullString
	var checked sql.NullInt64
	err = row(&v.TestID, &v.Fingerprint, &v.Status, &v.Failing, &v.Total, &v.Message, &elapsed, &failure, &v.RunID,
		&checked)
	if err != nil {
		return v, err
	}
	v.Elapsed, v.Checked = duration(elapsed), fromMicros(checked)
	v.Failure, err = decodeFailure(failure)
	return v, err
}
