package cell

import "strconv"

const wantDuration = "expected a duration such as 1:02:03, 02:03 or whole seconds"

// duration reads H:MM:SS, M:SS or seconds, and writes seconds. The first part may be of any size: 26:00:00 is 93,600 s.
func duration(out, text []byte) ([]byte, string) {
	var parts [3]int64
	count, digits := 1, 0
	for _, c := range text {
		switch {
		case isDigit(c) && digits < 12:
			parts[count-1] = parts[count-1]*10 + int64(c-'0')
			digits++
		case c == ':' && count < 3 && digits > 0:
			count, digits = count+1, 0
		default:
			return out, wantDuration
		}
		if count > 1 && digits > 2 {
			return out, wantDuration
		}
	}
	if digits == 0 {
		return out, wantDuration
	}
	if count > 1 && parts[count-1] > 59 {
		return out, "expected a duration with seconds of at most 59"
	}
	if count == 3 && parts[1] > 59 {
		return out, "expected a duration with minutes of at most 59"
	}
	seconds := parts[0]
	for _, part := range parts[1:count] {
		seconds = seconds*60 + part
	}
	return strconv.AppendInt(out, seconds, 10), ""
}
