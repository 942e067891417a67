package sample

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// state is what a run must know of the existing files.
type state struct {
	files       [numTables]fileState
	clients     []client // in the order of clients.csv, with the campaigns last seen
	index       map[uint32]int
	maxClient   uint32
	maxCampaign [numChannels]uint32
	dated       bool // some file has a row with a date
	last        day  // the last of them
}

type fileState struct {
	exists      bool
	size        int64
	rows        int64
	first, last day
}

// scan reads the files in dir once, line by line. A folder with none of them is an empty state; one with some of them is an
// error.
func scan(ctx context.Context, dir string) (*state, error) {
	st := &state{index: make(map[uint32]int)}
	if err := st.stat(dir); err != nil {
		return nil, err
	}
	if !st.files[tableClients].exists {
		return st, nil
	}
	for _, t := range [numTables]table{tableClients, tableGoogle, tableFacebook, tableEmail, tableWeb, tableRevenue} {
		if err := st.scanFile(ctx, filepath.Join(dir, specs[t].name), t); err != nil {
			return nil, err
		}
		if f := &st.files[t]; specs[t].dated && f.rows > 0 && (!st.dated || f.last > st.last) {
			st.dated, st.last = true, f.last
		}
	}
	return st, nil
}

// stat finds out which files exist.
func (st *state) stat(dir string) error {
	var found, missing string
	for t := range numTables {
		path := filepath.Join(dir, specs[t].name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			missing = path
			continue
		case err != nil:
			return unreadable(err)
		case !info.Mode().IsRegular():
			return foreign(path, 0, "not a regular file")
		}
		found = specs[t].name
		st.files[t] = fileState{exists: true, size: info.Size()}
	}
	if found != "" && missing != "" {
		return foreign(missing, 0, "the file is missing, though %s is there", found)
	}
	return nil
}

func (st *state) scanFile(ctx context.Context, path string, t table) error {
	f, err := os.Open(path)
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	s := scanner{
		ctx: ctx, path: path, table: t, spec: specs[t], state: st, file: &st.files[t],
		r: bufio.NewReaderSize(io.LimitReader(f, st.files[t].size), 1<<20),
	}
	header, err := s.next()
	if errors.Is(err, io.EOF) {
		return s.fail("the file is empty")
	}
	if err != nil {
		return err
	}
	if string(header) != s.spec.header {
		return s.fail("the first line is %s, expected %s", quote(header), s.spec.header)
	}
	if s.spec.json {
		return s.objects()
	}
	return s.lines()
}

// scanner reads one file.
type scanner struct {
	ctx   context.Context
	path  string
	table table
	spec  spec
	state *state
	file  *fileState
	r     *bufio.Reader
	line  int // of what next returned

	text [len("2006-01-02")]byte // the last date read, because most rows repeat it
	date day
}

// next gives a line without its end. It is valid until the next call. The error is io.EOF only at the end of a whole file.
func (s *scanner) next() ([]byte, error) {
	s.line++
	if s.line%(1<<16) == 0 && s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	b, err := s.r.ReadSlice('\n')
	switch {
	case err == nil:
		return b[:len(b)-1], nil
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case err == io.EOF:
		return nil, s.fail("the file is cut off within its last line")
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, s.fail("the line is longer than any that is generated")
	}
	return nil, unreadable(err)
}

func (s *scanner) fail(format string, args ...any) error {
	return foreign(s.path, s.line, format, args...)
}

// lines reads the rows of a CSV file.
func (s *scanner) lines() error {
	commas := strings.Count(s.spec.header, ",")
	for {
		b, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n := bytes.Count(b, []byte{','}); n < commas || n > commas && !s.spec.freeText {
			return s.fail("the line has %d fields, expected %d", n+1, commas+1)
		}
		var campaign, date []byte
		if s.spec.campaign != "" {
			campaign, b, _ = bytes.Cut(b, []byte{','})
		}
		id, b, _ := bytes.Cut(b, []byte{','})
		if s.spec.dated {
			date, _, _ = bytes.Cut(b, []byte{','})
		}
		if err := s.row(campaign, id, date); err != nil {
			return err
		}
	}
}

// objects reads the rows of a JSON array: one object a line, and the brackets on lines of their own.
func (s *scanner) objects() error {
	more := true // the previous line asks for another object
	for {
		b, err := s.next()
		if errors.Is(err, io.EOF) {
			return s.fail("the array is not closed, the file is cut off")
		}
		if err != nil {
			return err
		}
		if string(b) == "]" {
			break
		}
		if !more {
			return s.fail("expected a comma at the end of the line before")
		}
		b, more = bytes.CutSuffix(b, []byte{','})
		if err := s.object(b); err != nil {
			return err
		}
	}
	if more && s.file.rows > 0 {
		return s.fail("expected an object after the comma, found the end of the array")
	}
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = s.fail("text after the end of the array")
		}
		return err
	}
	return nil
}

func (s *scanner) object(b []byte) error {
	rest, ok1 := bytes.CutPrefix(b, []byte(`{"fb_campaign_id":"`))
	campaign, rest, ok2 := bytes.Cut(rest, []byte(`","client":"`))
	id, rest, ok3 := bytes.Cut(rest, []byte(`","date":"`))
	date, rest, ok4 := bytes.Cut(rest, []byte(`","clicks":`))
	if !ok1 || !ok2 || !ok3 || !ok4 || !bytes.HasSuffix(rest, []byte(`"}`)) {
		return s.fail("expected one object with fb_campaign_id, client, date and clicks first, found %s", quote(b))
	}
	return s.row(campaign, id, date)
}

// row takes in one row. date and campaign are looked at where the table has them.
func (s *scanner) row(campaign, id, date []byte) error {
	no, ok := parseID(id, "C")
	if !ok {
		return s.fail("client id %s is not like C101", quote(id))
	}
	at, known := s.state.index[no]
	if s.table == tableClients {
		if known {
			return s.fail("client %s is there twice", id)
		}
		s.state.index[no] = len(s.state.clients)
		s.state.clients = append(s.state.clients, client{no: no})
		s.state.maxClient = max(s.state.maxClient, no)
	} else if !known {
		return s.fail("client %s is not in %s", id, specs[tableClients].name)
	}
	if s.spec.campaign != "" {
		n, ok := parseID(campaign, s.spec.campaign)
		if !ok {
			return s.fail("campaign id %s is not like %s001", quote(campaign), s.spec.campaign)
		}
		s.state.clients[at].campaigns[s.table].see(n)
		s.state.maxCampaign[s.table] = max(s.state.maxCampaign[s.table], n)
	}
	if s.spec.dated {
		if err := s.seeDate(date); err != nil {
			return err
		}
	}
	s.file.rows++
	return nil
}

func (s *scanner) seeDate(b []byte) error {
	if s.file.rows == 0 || !bytes.Equal(b, s.text[:]) {
		d, ok := parseDay(b)
		if !ok {
			return s.fail("date %s is not like 2024-12-01", quote(b))
		}
		copy(s.text[:], b)
		s.date = d
	}
	f := s.file
	if f.rows == 0 {
		f.first, f.last = s.date, s.date
	}
	f.first, f.last = min(f.first, s.date), max(f.last, s.date)
	return nil
}

// quote shows the start of what was found.
func quote(b []byte) string {
	const most = 60
	if len(b) > most {
		return fmt.Sprintf("%q…", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
