// Package browser clicks through the web UI as people do: the built binary serves a project of real size in a folder of its
// own, and Chromium opens it. Its tests need the build tag browser; `make test-browser` runs them.
package browser
