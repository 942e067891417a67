package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"elt/runner/web/api"
)

const (
	loginPath   = "/login"
	sessionName = "elt_session"
	sessionDays = 30
	// wrongTokenDelay makes guessing slow. Tokens are long, so it only has to keep the log readable.
	wrongTokenDelay = 500 * time.Millisecond
)

// open are the paths that need no token: what the login page needs, and what a supervisor asks.
func open(path string) bool {
	return path == loginPath || path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/assets/")
}

// requireToken lets through those who bring the token: programs as a bearer, browsers in the cookie that the login sets.
func (s *Server) requireToken(next http.Handler) http.Handler {
	if s.options.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		session, _ := r.Cookie(sessionName)
		switch {
		case open(r.URL.Path),
			isBearer && equal(bearer, s.options.Token),
			session != nil && s.validSession(session.Value):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, loginPath+"?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="elt"`)
			refuse(w, r, http.StatusUnauthorized, "this server wants its token", "Authorization: Bearer TOKEN")
		}
	})
}

func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// session makes the value of a cookie that stands until expiry. It ends with the token: another one makes other values.
func (s *Server) session(expiry time.Time) string {
	until := expiry.UTC().Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(s.options.Token))
	mac.Write([]byte("elt session until " + until))
	return until + "." + hex.EncodeToString(mac.Sum(nil))
}

func (s *Server) validSession(value string) bool {
	until, _, _ := strings.Cut(value, ".")
	expiry, err := time.Parse(time.RFC3339, until)
	return err == nil && s.options.Project.Clock().Before(expiry) && equal(value, s.session(expiry))
}

func (s *Server) registerLogin(mux *http.ServeMux) {
	mux.HandleFunc("GET "+loginPath, func(w http.ResponseWriter, r *http.Request) {
		if s.options.Token == "" {
			http.Redirect(w, r, within(r.FormValue("next")), http.StatusSeeOther)
			return
		}
		s.renderLogin(w, r, http.StatusOK, nil)
	})
	mux.HandleFunc("POST "+loginPath, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || s.options.Token == "" || !equal(r.PostForm.Get("token"), s.options.Token) {
			time.Sleep(wrongTokenDelay)
			s.renderLogin(w, r, http.StatusUnauthorized, &api.Problem{Detail: "this is not the token of this server", Hint: "it is what --token or ELT_TOKEN says where `elt serve` was started"})
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: sessionName, Value: s.session(s.options.Project.Clock().AddDate(0, 0, sessionDays)), Path: "/", MaxAge: sessionDays * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
		})
		http.Redirect(w, r, within(r.PostForm.Get("next")), http.StatusSeeOther)
	})
}

// renderLogin writes the login page, which tells nothing of the project.
func (s *Server) renderLogin(w http.ResponseWriter, r *http.Request, status int, problem *api.Problem) {
	s.write(w, r, status, "login", page{Title: "Log in", Problem: problem, Data: within(r.FormValue("next"))})
}

// within is a path of this server; of anything that leads elsewhere it makes the overview.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}
