package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"elt/runner"
)

// firstPause is the time between the first two tries; it doubles each time.
const firstPause = 250 * time.Millisecond

// webhook posts the body, signed where a secret is given, and again where that may help, as long as ctx lets it.
func (t Teller) webhook(ctx context.Context, h runner.Hook, o Outcome, body []byte) error {
	where := hostOf(h.URL)
	secret := ""
	if h.SecretEnv != "" {
		var set bool
		if secret, set = t.LookupEnv(h.SecretEnv); !set || secret == "" {
			return fmt.Errorf("the webhook at %s was not told of the run: %s is not set, and nothing is sent unsigned", where, h.SecretEnv)
		}
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Elt-Event": {"run." + o.Status}, "X-Elt-Run": {o.RunID}}
	pause := firstPause
	for attempt := 0; ; attempt++ {
		if secret != "" {
			header.Set("X-Elt-Signature", Sign(secret, t.Clock(), body))
		}
		again, err := post(ctx, h.URL, header, body)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("the webhook at %s was not told of the run: %w", where, err)
		if !again || attempt >= h.Retries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// hostOf is as much of an address as may be shown: the rest is often a secret.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Host
}

// Sign makes the signature of a body: the time, and the HMAC-SHA256 with the secret over the time, a dot and the body. Who
// receives it computes the same, and refuses what is older than some minutes.
func Sign(secret string, now time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", now.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%s", now.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// post sends a body; again tells whether another try may help.
func post(ctx context.Context, address string, header http.Header, body []byte) (again bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false, bare(err)
	}
	request.Header = header
	response, err := client().Do(request)
	if err != nil {
		return true, bare(err)
	}
	said, _ := io.ReadAll(io.LimitReader(response.Body, 200)) // for the message only
	if err := response.Body.Close(); err != nil {
		return true, err
	}
	switch code := response.StatusCode; {
	case code < 300:
		return false, nil
	default:
		again = code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500
		return again, fmt.Errorf("it answered %s: %q", response.Status, bytes.TrimSpace(said))
	}
}
