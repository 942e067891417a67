package state

import "context"

// Form is what the engine made of one SQL text.
type Form struct {
	Key      string // sha256 of the text and the engine's version; made by the caller
	Normal   string // hash of the normal form
	Volatile bool   // gives other rows each time: now(), random()
}

// SaveForms remembers forms, replacing those of the same keys.
func (s *Store) SaveForms(ctx context.Context, forms ...Form) error {
	now := s.now()
	return saveAll(ctx, s.file, "remember the SQL forms",
		"insert or replace into sql_forms (key, normal, volatile, saved_at) values (?, ?, ?, ?)",
		forms, func(f Form) []any { return []any{f.Key, f.Normal, f.Volatile, micros(now)} })
}

// Forms gives what is remembered of keys, by key.
func (s *Store) Forms(ctx context.Context, wanted ...string) (map[string]Form, error) {
	packed, err := keys(wanted)
	if err != nil {
		return nil, err
	}
	forms, err := list(ctx, s.file, "read the SQL forms", `
		select key, normal, volatile from sql_forms where key in (select value from json_each(?))`,
		func(row scan) (f Form, err error) {
			err = row(&f.Key, &f.Normal, &f.Volatile)
			return f, err
		}, packed)
	return index(forms, func(f Form) string { return f.Key }), err
}
