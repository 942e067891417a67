// Package record cuts raw files into records: it undoes their encoding, and reads CSV and JSON one record at a time with
// the line each one begins on. What does not fit together is a record with a problem, never an end of the reading. It
// knows nothing of columns' types.
package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Encoding is how a file writes its characters.
type Encoding string

const (
	UTF8    Encoding = "utf-8"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
)

// Decode gives the text of a file as UTF-8 without byte order mark, and how it was written. Bytes that are not valid in
// UTF-8 pass through.
func Decode(file io.Reader) (io.Reader, Encoding, error) {
	in := bufio.NewReaderSize(file, 4096)
	head, err := in.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	switch encoding := sniff(head); {
	case encoding != UTF8:
		endian := unicode.LittleEndian
		if encoding == UTF16BE {
			endian = unicode.BigEndian
		}
		return transform.NewReader(in, unicode.UTF16(endian, unicode.UseBOM).NewDecoder()), encoding, nil
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := in.Discard(3)
		return in, UTF8, err
	default:
		return in, UTF8, nil
	}
}

// sniff finds UTF-16 by its mark or, without one, by the zero bytes of Latin letters.
func sniff(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return UTF16BE
	}
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(head) / 4 // half of the bytes on one side
	switch {
	case len(head) > 3 && zeros[1] > half && zeros[0] == 0:
		return UTF16LE
	case len(head) > 3 && zeros[0] > half && zeros[1] == 0:
		return UTF16BE
	}
	return UTF8
}

// window is the part of a file that is being looked at. It grows until a record fits.
type window struct {
	in   io.Reader
	data []byte
	pos  int
	eof  bool
	last byte // that was read
}

// rest is what has been read and not yet consumed.
func (w *window) rest() []byte { return w.data[w.pos:] }

// more reads on, and doubles the space if the rest fills it. It must not be called at the end of the file.
func (w *window) more() error {
	rest := copy(w.data, w.data[w.pos:])
	w.data, w.pos = w.data[:rest], 0
	if rest > cap(w.data)/2 {
		grown := make([]byte, rest, 2*cap(w.data))
		copy(grown, w.data)
		w.data = grown
	}
	for range 100 {
		n, err := w.in.Read(w.data[rest:cap(w.data)])
		w.data = w.data[:rest+n]
		if n > 0 {
			w.last = w.data[rest+n-1]
		}
		switch {
		case errors.Is(err, io.EOF):
			w.eof = true
			return nil
		case err != nil:
			return fmt.Errorf("read: %w", err)
		case n > 0:
			return nil
		}
	}
	return io.ErrNoProgress
}
