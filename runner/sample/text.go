package sample

import (
	"bytes"
	"strconv"
	"strings"
)

// appendID writes a prefix and a number of at least three digits: G001, C101.
func appendID(b []byte, prefix string, n uint32) []byte {
	b = append(b, prefix...)
	switch {
	case n < 10:
		b = append(b, '0', '0')
	case n < 100:
		b = append(b, '0')
	}
	return strconv.AppendUint(b, uint64(n), 10)
}

// parseID reads what appendID wrote.
func parseID(b []byte, prefix string) (uint32, bool) {
	digits, ok := bytes.CutPrefix(b, []byte(prefix))
	if !ok || len(digits) < 3 || len(digits) > 9 {
		return 0, false
	}
	var n uint32
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint32(c-'0')
	}
	return n, true
}

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// appendMoney writes cents, which are not negative, as an amount with two decimals.
func appendMoney(b []byte, cents int64) []byte {
	b = appendInt(b, cents/100)
	b = append(b, '.')
	return appendTwo(b, cents%100)
}

// appendRate writes basis points, 0 to 10000, as a fraction with four decimals.
func appendRate(b []byte, bp int64) []byte {
	b = appendInt(b, bp/10000)
	b = append(b, '.')
	b = appendTwo(b, bp/100%100)
	return appendTwo(b, bp%100)
}

// appendDuration writes HH:MM:SS, or MM:SS when short is set and it fits.
func appendDuration(b []byte, seconds int64, short bool) []byte {
	if !short || seconds >= 3600 {
		b = appendTwo(b, seconds/3600)
		b = append(b, ':')
	}
	b = appendTwo(b, seconds/60%60)
	b = append(b, ':')
	return appendTwo(b, seconds%60)
}

func appendTwo(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// appendText writes a CSV field, quoted when it must be (RFC 4180).
func appendText(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
