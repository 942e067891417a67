package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"elt/runner"
	"elt/runner/web"
)

// minToken is the length below which a token could be guessed.
const minToken = 16

func serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "serve the dashboard, the run console and the catalogue",
		Description: "It shows what is published and never disturbs a run. Without --host it answers on 127.0.0.1 and ::1 only; any other\n" +
			"address needs a token, and the names that people will use in --allow-host.\n\n" +
			"It starts runs by itself: when files of sources come, go or change, unless project.yaml has `watch_sources: false`,\n" +
			"and as `schedules:` there says.",
		Flags: projectFlags(
			&cli.StringFlag{Name: "host", Usage: "the `ADDRESS` to listen on", DefaultText: "127.0.0.1 and ::1"},
			&cli.IntFlag{Name: "port", Value: 8501, Usage: "the `PORT` to listen on; 0: any that is free"},
			&cli.StringFlag{Name: "token", Usage: "what everyone who asks has to bring, 16 characters or more", EnvVars: []string{"ELT_TOKEN"}},
			&cli.StringSliceFlag{Name: "allow-host", Usage: "`NAMES` under which the server may be asked, beside localhost"},
			&cli.BoolFlag{Name: "debug", Usage: "serve /debug/pprof to this machine"},
			&cli.DurationFlag{Name: "shutdown-grace", Value: 20 * time.Second, Usage: "how long requests and a run may go on when the server stops"},
		),
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	o, screen, err := options(c)
	if err != nil {
		return err
	}
	o.Observe = nil // what is opened to be shown is no run
	settings := web.Options{
		Project: o, Hosts: c.StringSlice("allow-host"), Token: c.String("token"), Debug: c.Bool("debug"), Grace: c.Duration("shutdown-grace"),
	}
	for _, name := range []string{"target", "vars"} {
		if value := c.String(name); value != "" {
			settings.RunFlags = append(settings.RunFlags, "--"+name+"="+value)
		}
	}
	if err := exposure(c.String("host"), settings); err != nil {
		return err
	}
	server, err := web.New(c.Context, settings)
	if err != nil {
		return err
	}
	listeners, err := web.Listen(c.Context, c.String("host"), fmt.Sprint(c.Int("port")))
	if err != nil {
		return err
	}
	for _, l := range listeners {
		screen.line("serving  http://%s", reachable(l.Addr(), c.String("host")))
	}
	return server.Serve(c.Context, listeners...)
}

// reachable is an address that can be opened from here: a server that listens on all addresses is on the loopback, too.
func reachable(addr net.Addr, host string) string {
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil || !at.Addr().IsUnspecified() {
		return addr.String()
	}
	loopback := "127.0.0.1"
	if strings.Contains(host, ":") {
		loopback = "::1"
	}
	return net.JoinHostPort(loopback, fmt.Sprint(at.Port()))
}

// exposure refuses to answer strangers without a token.
func exposure(host string, o web.Options) error {
	switch {
	case o.Token != "" && len(o.Token) < minToken:
		return &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("the token has %d characters, which can be guessed", len(o.Token)),
			Hint: fmt.Sprintf("use %d or more, as `openssl rand -hex 24` makes them", minToken),
		}
	case isLoopback(host):
		return nil
	case o.Token == "":
		return &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("--host %s would let everyone in the network see and start everything", host),
			Hint: "add --token (or ELT_TOKEN) and --allow-host NAME",
		}
	case len(o.Hosts) == 0:
		return &runner.Error{
			Code: runner.CodeUsage, Msg: fmt.Sprintf("--host %s needs the names that people will use", host),
			Hint: "add --allow-host, as in --allow-host elt.example.com",
		}
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "" || host == "localhost" || err == nil && ip.IsLoopback()
}
