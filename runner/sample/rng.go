package sample

import "math/bits"

// rng is splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): eight bytes of state, so
// that every (client, day, table) can have its own.
type rng uint64

const golden = 0x9e3779b97f4a7c15

func newRNG(seed uint64, client uint32, d day, t table) rng {
	h := mix(seed + golden)
	h = mix(h ^ uint64(client)*0xd1342543de82ef95)
	h = mix(h ^ uint64(uint32(d))<<8 ^ uint64(t))
	return rng(h)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) next() uint64 {
	*r += golden
	return mix(uint64(*r))
}

// below is uniform in [0, n).
func (r *rng) below(n int64) int64 {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int64(hi)
}

// between is uniform in [lo, hi].
func (r *rng) between(lo, hi int64) int64 { return lo + r.below(hi-lo+1) }

// bell is in [lo, hi] and gathers around the middle: the mean of three uniform draws.
func (r *rng) bell(lo, hi int64) int64 {
	return (r.between(lo, hi) + r.between(lo, hi) + r.between(lo, hi)) / 3
}

// chance is true in permille of 1000 cases.
func (r *rng) chance(permille int64) bool { return r.below(1000) < permille }

// count is a whole number whose mean is permille/1000.
func (r *rng) count(permille int64) int {
	n := int(permille / 1000)
	if r.chance(permille % 1000) {
		n++
	}
	return n
}
