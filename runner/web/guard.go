package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"elt/runner/web/api"
)

// The limits of what a request may be and how long it may take.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 20 * time.Second // header and body
	idleTimeout       = 2 * time.Minute
	writeTimeout      = time.Minute // the answer; streams extend it as they go
	maxHeaderBytes    = 64 << 10
	maxBodyBytes      = 256 << 10
	maxURLBytes       = 16 << 10
)

// guard lets through what may be answered. The order matters: a request under a strange name learns nothing, not even
// whether there is a login.
func (s *Server) guard(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse(w, r, http.StatusForbidden, "a page of another site asked for this", "")
	}))
	for _, layer := range []func(http.Handler) http.Handler{
		compressed, s.requireToken, jsonOnly, limitBody, crossOrigin.Handler, s.checkHost, s.secureHeaders, s.observe, s.recovered,
	} {
		next = layer(next)
	}
	return next
}

// refuse answers a request that may not pass: programs that use the API get a problem, all others plain text.
func refuse(w http.ResponseWriter, r *http.Request, status int, detail, hint string) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		api.WriteProblem(w, api.NewProblem(status, detail, hint))
		return
	}
	if hint != "" {
		detail += "; " + hint
	}
	http.Error(w, detail, status)
}

// recovered turns a panic into an error of its request alone.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler:
				panic(cause)
			default:
				s.log.Error().Str("path", r.URL.Path).Str("cause", fmt.Sprint(cause)).Bytes("stack", debug.Stack()).Msg("a request panicked")
				refuse(w, r, http.StatusInternalServerError, "internal error", "the log of the server says more")
			}
		}()
		next.ServeHTTP(w, r)
	})
}

type nonceKey struct{}

// nonceOf is the nonce of the content security policy that the answer to r has.
func nonceOf(r *http.Request) string {
	nonce, _ := r.Context().Value(nonceKey{}).(string)
	return nonce
}

// secureHeaders has browsers run nothing but our own scripts, put us in no frame and tell nobody where they come from.
func (s *Server) secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce, h := rand.Text(), w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'nonce-"+nonce+"'; style-src 'self' 'nonce-"+nonce+"'; "+
			"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return // the connection is gone
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), nonceKey{}, nonce)))
	})
}

// loopback are the names that only this machine has for itself.
var loopback = []string{"localhost", "127.0.0.1", "::1"}

// checkHost refuses requests under a name that is not ours: a page of a stranger's may have made its own name point to this
// machine, to read what we answer as if it were its own.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, port, err := net.SplitHostPort(host); err == nil && strings.Trim(port, "0123456789") == "" {
			host = name
		}
		host = strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
		allowed := slices.Contains(loopback, host) || slices.ContainsFunc(s.options.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
		switch {
		case !allowed:
			refuse(w, r, http.StatusMisdirectedRequest, fmt.Sprintf("this server does not answer under the name %.100q", host), "start it with --allow-host NAME")
		case len(r.URL.RawPath)+len(r.URL.Path)+len(r.URL.RawQuery) > maxURLBytes:
			refuse(w, r, http.StatusRequestURITooLong, "the address is too long", "")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// limitBody reads the body, which is never large, before anything else happens: whoever sends it slowly, or too much of
// it, keeps nothing else busy. Behind it, a request's context ends when its client leaves.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit), "")
			return
		case err != nil:
			refuse(w, r, http.StatusBadRequest, "the body could not be read", "")
			return
		}
		// net/http cancels the request when the deadline for reading passes, although all of it is read.
		if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return // the connection is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		next.ServeHTTP(wasRead{w}, r)
	})
}

// wasRead keeps others from setting a deadline for the body, which is here already: a request would end with it.
type wasRead struct{ http.ResponseWriter }

// SetReadDeadline does nothing.
func (wasRead) SetReadDeadline(time.Time) error { return nil }

// Unwrap lets http.ResponseController reach what is below.
func (w wasRead) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush lets those stream who ask for a http.Flusher.
func (w wasRead) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// jsonOnly refuses bodies that a plain form of another site could send. The login form is the one exception.
func jsonOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPost:
			kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			if r.URL.Path == loginPath || err == nil && kind == "application/json" {
				break
			}
			w.Header().Set("Accept", "application/json")
			refuse(w, r, http.StatusUnsupportedMediaType, "a POST needs Content-Type: application/json", "")
			return
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			refuse(w, r, http.StatusMethodNotAllowed, "method not allowed", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// compressed sends pages and JSON in a sixth of the bytes to those who ask from afar. On this machine it would only take time.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(2048), gzhttp.ContentTypes([]string{"text/html", "application/json"}))
	if err != nil { // the settings above are wrong
		panic(err)
	}
	smaller := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isThisMachine(r) {
			next.ServeHTTP(w, r)
			return
		}
		smaller.ServeHTTP(w, r)
	})
}
