package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"elt/runner/web/live"
)

const (
	heartbeat = 15 * time.Second
	// writeTimeout is how long a reader may take to accept one event.
	writeTimeout = 10 * time.Second
	// retry is what readers are told to wait before they come back.
	retry = 2 * time.Second
)

type eventsInput struct {
	LastEventID string `header:"Last-Event-ID" doc:"the last event seen; what came after it is sent again, or an event reset where it is forgotten"`
	After       string `query:"after" doc:"the same, for a first connection: what the page was made with"`
	Run         string `query:"run" doc:"the run whose log lines are wanted"`
}

func registerEvents(a huma.API, s Services) {
	o := operation("events", "/events", "What happens, as server-sent events: run, node, log, published, schedule, project, reset", "live")
	o.Responses = map[string]*huma.Response{"200": {Description: "a stream without end", Content: map[string]*huma.MediaType{"text/event-stream": {}}}}
	huma.Register(a, o, func(_ context.Context, in *eventsInput) (*huma.StreamResponse, error) {
		after, err := eventID(in.LastEventID, in.After)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			r, w := humago.Unwrap(c)
			_ = stream(r.Context(), w, s.Live, after, in.Run) // it ends when the reader leaves, which is no error
		}}, nil
	})
}

func eventID(texts ...string) (uint64, error) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		id, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, NewProblem(http.StatusBadRequest, fmt.Sprintf("%.40q is no ID of an event", text), "")
		}
		return id, nil
	}
	return 0, nil
}

// stream writes events until the reader leaves, is too slow, or the server stops.
func stream(ctx context.Context, w http.ResponseWriter, hub *live.Hub, after uint64, run string) error {
	subscription, missed := hub.Subscribe(after, run)
	defer subscription.Close()
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Time{}); err != nil { // that of the request would end the stream
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	send := func(text string) error {
		if err := control.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return control.Flush()
	}
	if err := send(fmt.Sprintf("retry: %d\n\n", retry.Milliseconds())); err != nil {
		return err
	}
	for _, e := range missed {
		if err := send(wire(e)); err != nil {
			return err
		}
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ": still here\n\n"
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, open := <-subscription.Events():
			if !open {
				return nil
			}
			text = wire(e)
		case <-beat.C:
		}
		if err := send(text); err != nil {
			return err
		}
	}
}

func wire(e live.Event) string {
	return fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, e.Data)
}
