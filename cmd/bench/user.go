package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// user is someone with the overview open: they look, choose a filter, look again, and hear what is new.
type user struct {
	server  *webServer
	client  *http.Client
	chance  *rand.Rand
	seconds []float64
	errors  int
	example string
}

// thinking is how long a user looks at a chart before the next click, on average.
const thinking = 2 * time.Second

func newUser(w *webServer, number int) *user {
	return &user{
		server: w, chance: rand.New(rand.NewPCG(1, uint64(number))),
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}},
	}
}

// look goes on until ctx is done.
func (u *user) look(ctx context.Context) {
	defer u.client.CloseIdleConnections()
	go u.listen(ctx)
	u.wait(ctx)
	for ctx.Err() == nil {
		u.ask(ctx, "/")
		for range 4 {
			u.wait(ctx)
			filter := u.filter()
			u.ask(ctx, "/api/v1/dashboard?"+filter)
			u.ask(ctx, "/api/v1/dashboard/preview?"+filter)
		}
		u.wait(ctx)
	}
}

// listen keeps a stream of events open, as every page does.
func (u *user) listen(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.server.base+"/api/v1/events", nil)
	if err != nil {
		return
	}
	endless := *u.client
	endless.Timeout = 0
	if response, err := endless.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

func (u *user) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration((0.5 + u.chance.Float64()) * float64(thinking))):
	}
}

// filter is one of some hundred that many choose, or one of very many that hardly anyone else does.
func (u *user) filter() string {
	grain := []string{"day", "week", "month"}[u.chance.IntN(3)]
	if u.chance.IntN(4) > 0 {
		return fmt.Sprintf("client=C%d&grain=%s", 101+u.chance.IntN(10), grain)
	}
	platform := []string{"google_ads", "facebook_ads", "email_campaigns", "web_traffic"}[u.chance.IntN(4)]
	return fmt.Sprintf("client=C%d&client=C%d&platform=%s&from=2024-12-%02d&grain=%s", 101+u.chance.IntN(900), 101+u.chance.IntN(900),
		platform, 1+u.chance.IntN(28), grain)
}

func (u *user) ask(ctx context.Context, path string) {
	if ctx.Err() != nil {
		return
	}
	took, err := u.server.get(context.WithoutCancel(ctx), u.client, path) // the last one may end
	if err != nil {
		u.errors++
		u.example = err.Error()
		return
	}
	u.seconds = append(u.seconds, took)
}

// percentile is the value that so large a part of the values does not exceed.
func percentile(values []float64, part float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(part*float64(len(sorted))))-1)]
}
