package project

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // for machines without a database of time zones

	"github.com/bmatcuk/doublestar/v4"
	"github.com/google/jsonschema-go/jsonschema"

	"elt/runner"
	"elt/runner/cron"
	"elt/runner/project/strict"
)

// automationKeys are the keys of project.yaml about what happens without anybody at the keyboard.
func automationKeys() []strict.Key[projectFile] {
	return []strict.Key[projectFile]{
		strict.FieldOf("schedules", "What starts runs while elt serve is running: times, or files that change.",
			strict.ListOf(scheduleShape()), func(p *projectFile) *[]*runner.Schedule { return &p.schedules }),
		{
			Name: "watch_sources", Schema: strict.Boolean().Schema,
			Doc: "Whether elt serve starts a run when a file of a source comes, goes or changes; true without this key.",
			Read: func(r *strict.Reader, v *strict.Value, into *projectFile) {
				if watch, ok := strict.Boolean().Read(r, v); ok {
					into.keepSources = !watch
				}
			},
		},
		strict.FieldOf("on_success", "Whom to tell of runs that succeeded, also those of the command line.",
			strict.OneOrMore(hookTargetShape()), func(p *projectFile) *[]runner.Hook { return &p.onSuccess }),
		strict.FieldOf("on_failure", "Whom to tell of runs that failed, also those of the command line.",
			strict.OneOrMore(hookTargetShape()), func(p *projectFile) *[]runner.Hook { return &p.onFailure }),
		strict.FieldOf("openlineage", "Where OpenLineage events of runs go.", lineageShape(),
			func(p *projectFile) **runner.LineageTarget { return &p.lineage }),
	}
}

func scheduleShape() strict.Shape[*runner.Schedule] {
	texts := strict.OneOrMore(selectorShape())
	keys := strict.Object[runner.Schedule]{
		What: "a schedule",
		At:   func(s *runner.Schedule, pos runner.Position) { s.Pos = pos },
		Keys: []strict.Key[runner.Schedule]{
			strict.FieldOf("name", "Its name: letters, digits, _ and -.", nameShape(),
				func(s *runner.Schedule) *string { return &s.Name }).Needed(),
			strict.FieldOf("cron", `When it is due: minute, hour, day of month, month and day of week, as in "30 6 * * mon-fri"; or @hourly, @daily, …`,
				cronShape(), func(s *runner.Schedule) *string { return &s.Cron }),
			strict.FieldOf("time_zone", "Time zone of cron, such as Europe/Berlin; UTC without this key.", zoneShape(),
				func(s *runner.Schedule) *string { return &s.TimeZone }),
			strict.FieldOf("watch", "Files that start a run when they come, go or change: paths or globs, relative to the project.",
				strict.OneOrMore(globShape()), func(s *runner.Schedule) *[]string { return &s.Watch }),
			strict.FieldOf("select", "Nodes to run, as for --select; without it all.", texts,
				func(s *runner.Schedule) *[]string { return &s.Select }),
			strict.FieldOf("exclude", "Nodes to leave out, as for --exclude.", texts,
				func(s *runner.Schedule) *[]string { return &s.Exclude }),
			strict.FieldOf("misfire", "What to do about what was due while elt serve was not running: run_once (as without this key) or skip.",
				strict.Choice(runner.MisfireSkip, runner.MisfireOnce), func(s *runner.Schedule) *runner.Misfire { return &s.Misfire }),
			strict.FieldOf("overlap", "What to do if another run goes on: queue, which waits for it (as without this key for watch), or skip (as without it for cron).",
				strict.Choice(runner.OverlapSkip, runner.OverlapWait), func(s *runner.Schedule) *runner.Overlap { return &s.Overlap }),
			strict.FieldOf("enabled", "false leaves it out.", strict.Boolean(),
				func(s *runner.Schedule) *bool { return &s.Enabled }),
		},
		Instead: map[string]string{"timezone": "write time_zone: Europe/Berlin", "tz": "write time_zone: Europe/Berlin", "files": "write watch: [data/raw/*.csv]"},
	}
	shape := keys.ShapeFrom(func() runner.Schedule {
		return runner.Schedule{TimeZone: "UTC", Misfire: runner.MisfireOnce, Enabled: true}
	})
	return strict.Shape[*runner.Schedule]{Schema: shape.Schema, Read: func(r *strict.Reader, v *strict.Value) (*runner.Schedule, bool) {
		s, ok := shape.Read(r, v)
		switch {
		case !ok:
		case v.Get("cron") == nil && v.Get("watch") == nil && s.Name != runner.WatchedSources:
			r.Fail(v.Pos, `write cron: "30 6 * * *", or watch: [data/raw/*.csv]`, "the schedule %s says neither when nor what to watch", s.Name)
		case s.Cron != "" && len(s.Watch) > 0:
			r.Fail(v.Pos, "make two of it", "the schedule %s has cron and watch", s.Name)
		case s.Overlap == "" && s.Cron != "":
			s.Overlap = runner.OverlapSkip
		case s.Overlap == "":
			s.Overlap = runner.OverlapWait
		}
		return &s, ok
	}}
}

// checked is text that a function accepts.
func checked(what string, check func(text string) error) strict.Shape[string] {
	s := textShape()
	read := s.Read
	s.Read = func(r *strict.Reader, v *strict.Value) (string, bool) {
		text, ok := read(r, v)
		if !ok {
			return "", false
		}
		if err := check(text); err != nil {
			r.ExpectedBut(v, what, err.Error())
			return "", false
		}
		return text, true
	}
	return s
}

func cronShape() strict.Shape[string] {
	return checked("a cron line", func(text string) error {
		_, err := cron.Parse(text, time.UTC)
		return err
	})
}

func zoneShape() strict.Shape[string] {
	return checked("the name of a time zone, such as Europe/Berlin", func(text string) error {
		_, err := time.LoadLocation(text)
		return err
	})
}

func globShape() strict.Shape[string] {
	return checked("a path or a glob of files", func(text string) error {
		if !doublestar.ValidatePattern(text) {
			return doublestar.ErrBadPattern
		}
		return nil
	})
}

func urlShape() strict.Shape[string] {
	return checked("an address that begins with https:// or http://", func(text string) error {
		u, err := url.Parse(text)
		if err == nil && (u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			return errNoAddress
		}
		return err
	})
}

var errNoAddress = errors.New("write the whole address, as in https://example.com/hook")

var validDuration = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`)

// durationShape is a time such as 30s, 5m or 1h30m.
func durationShape() strict.Shape[time.Duration] {
	text := strict.Where(strict.String(), "a duration such as 30s, 5m or 1h30m", validDuration)
	return strict.Shape[time.Duration]{
		Schema: &jsonschema.Schema{Type: "string", Pattern: text.Schema.Pattern},
		Read: func(r *strict.Reader, v *strict.Value) (time.Duration, bool) {
			written, ok := text.Read(r, v)
			if !ok {
				return 0, false
			}
			d, err := time.ParseDuration(written)
			if err != nil {
				r.Expected(v, "a duration such as 30s, 5m or 1h30m")
			}
			return d, err == nil
		},
	}
}

// hookTargetShape is one entry of on_success or on_failure.
func hookTargetShape() strict.Shape[runner.Hook] {
	keys := strict.Object[runner.Hook]{
		What: "one to tell",
		At:   func(h *runner.Hook, pos runner.Position) { h.Pos = pos },
		Keys: []strict.Key[runner.Hook]{
			strict.FieldOf("webhook", "Address that gets a POST with JSON, which Slack understands; {{ env_var('X') }} keeps it out of this file.",
				urlShape(), func(h *runner.Hook) *string { return &h.URL }),
			strict.FieldOf("secret_env", "Environment variable with a secret; the POST is signed with it (HMAC-SHA256).", envShape(),
				func(h *runner.Hook) *string { return &h.SecretEnv }),
			strict.FieldOf("command", "Program with arguments to run in the project's folder; ELT_RUN_ID, ELT_STATUS and others tell it what happened.",
				strict.OneOrMore(textShape()), func(h *runner.Hook) *[]string { return &h.Command }),
			strict.FieldOf("timeout", "How long it may take, tries included; 10s without this key.", durationShape(),
				func(h *runner.Hook) *time.Duration { return &h.Timeout }),
			strict.FieldOf("retries", "How often a webhook is tried again; 3 without this key.", strict.Count(0),
				func(h *runner.Hook) *int { return &h.Retries }),
		},
		Instead: map[string]string{"url": "write webhook: https://…", "slack": "write webhook: https://…"},
	}
	shape := keys.ShapeFrom(func() runner.Hook { return runner.Hook{Timeout: 10 * time.Second, Retries: 3} })
	return strict.Shape[runner.Hook]{Schema: shape.Schema, Read: func(r *strict.Reader, v *strict.Value) (runner.Hook, bool) {
		h, ok := shape.Read(r, v)
		if ok && v.Get("webhook") == nil == (v.Get("command") == nil) {
			r.Fail(v.Pos, "", "one to tell needs either webhook or command")
		}
		return h, ok
	}}
}

func envShape() strict.Shape[string] {
	return strict.Where(strict.String(), "the name of an environment variable", regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`))
}

func lineageShape() strict.Shape[*runner.LineageTarget] {
	keys := strict.Object[runner.LineageTarget]{
		What: "openlineage",
		At:   func(t *runner.LineageTarget, pos runner.Position) { t.Pos = pos },
		Keys: []strict.Key[runner.LineageTarget]{
			strict.FieldOf("url", "Address that gets a POST for each event.", urlShape(), func(t *runner.LineageTarget) *string { return &t.URL }),
			strict.FieldOf("api_key_env", "Environment variable with the API key.", envShape(), func(t *runner.LineageTarget) *string { return &t.KeyEnv }),
			strict.FieldOf("file", "File that events are added to, a line each.", pathShape(), func(t *runner.LineageTarget) *string { return &t.File }),
			strict.FieldOf("namespace", "Namespace of the jobs and datasets; without it the name of the project.", textShape(),
				func(t *runner.LineageTarget) *string { return &t.Namespace }),
			strict.FieldOf("timeout", "How long a POST may take; 10s without this key.", durationShape(),
				func(t *runner.LineageTarget) *time.Duration { return &t.Timeout }),
		},
	}
	shape := keys.ShapeFrom(func() runner.LineageTarget { return runner.LineageTarget{Timeout: 10 * time.Second} })
	return strict.Shape[*runner.LineageTarget]{Schema: shape.Schema, Read: func(r *strict.Reader, v *strict.Value) (*runner.LineageTarget, bool) {
		t, ok := shape.Read(r, v)
		if ok && v.Get("url") == nil == (v.Get("file") == nil) {
			r.Fail(v.Pos, "", "openlineage needs either url or file")
		}
		return &t, ok
	}}
}

// useAutomation takes over what automationKeys have read. The schedule that watches the files of sources is known by its name;
// its files are found once the sources are.
func (l *loader) useAutomation(f *projectFile) {
	p := l.project
	seen := map[string]int{}
	for _, s := range f.schedules {
		if line, twice := seen[s.Name]; twice {
			l.fail(s.Pos, "", "there is a schedule %s in line %d already", s.Name, line)
		}
		seen[s.Name] = s.Pos.Line
	}
	p.Schedules = f.schedules
	if _, own := seen[runner.WatchedSources]; !own && !f.keepSources {
		p.Schedules = append(p.Schedules, &runner.Schedule{
			Name: runner.WatchedSources, TimeZone: "UTC", Misfire: runner.MisfireOnce, Overlap: runner.OverlapWait, Enabled: true,
		})
	}
	p.OnSuccess, p.OnFailure, p.Lineage = f.onSuccess, f.onFailure, f.lineage
	if p.Lineage != nil && p.Lineage.Namespace == "" {
		p.Lineage.Namespace = f.name
	}
}

// watchSources tells the schedule of that name the files of the sources; it goes where there are none.
func (l *loader) watchSources() {
	p := l.project
	p.Schedules = slices.DeleteFunc(p.Schedules, func(s *runner.Schedule) bool {
		if s.Name != runner.WatchedSources || s.Cron != "" || len(s.Watch) > 0 {
			return false
		}
		for _, source := range p.Sources {
			if source.Load == nil {
				continue
			}
			for _, file := range source.Load.Files {
				if !slices.Contains(s.Watch, file) {
					s.Watch = append(s.Watch, file)
				}
			}
		}
		return len(s.Watch) == 0
	})
}
