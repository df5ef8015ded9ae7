package state

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// While the database is away River complains each second; the log says so once in a while.
func TestRiverComplainsOnce(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	for level, want := range map[slog.Level]string{
		slog.LevelInfo:  "12:00:00 ERROR fetching; 12:00:00 WARN slow; 12:10:00 ERROR fetching",
		slog.LevelError: "12:00:00 ERROR fetching; 12:10:00 ERROR fetching",
		slog.LevelDebug: "12:00:00 ERROR fetching; 12:00:00 WARN slow; 12:00:00 DEBUG started; 12:09:59 ERROR fetching; 12:10:00 ERROR fetching",
	} {
		var out bytes.Buffer
		river := slog.Handler(newQuiet(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})))
		for _, one := range []struct {
			after   time.Duration
			level   slog.Level
			message string
		}{
			{0, slog.LevelError, "fetching"},
			{0, slog.LevelWarn, "slow"},
			{0, slog.LevelInfo, "started"},
			{sayAgain - time.Second, slog.LevelError, "fetching"},
			{sayAgain, slog.LevelError, "fetching"},
		} {
			// Each part of River has a logger of its own.
			if h := river.WithGroup("part").WithAttrs([]slog.Attr{slog.Int("n", 1)}); h.Enabled(t.Context(), one.level) {
				if err := h.Handle(t.Context(), slog.NewRecord(began.Add(one.after), one.level, one.message, 0)); err != nil {
					t.Fatal(err)
				}
			}
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			fields := strings.Fields(line)
			got = append(got, fields[0][len("time=2026-10-05T"):][:len("12:00:00")]+" "+strings.TrimPrefix(fields[1], "level=")+" "+strings.TrimPrefix(fields[2], "msg="))
		}
		if said := strings.Join(got, "; "); said != want {
			t.Errorf("from %s on the log says %s, want %s", level, said, want)
		}
	}
}

func TestOutageIsToldOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	var o outage
	away := errors.New("away")
	for _, err := range []error{nil, away, away, away, nil, nil, away} {
		o.tell(log, err)
	}
	if warned, over := strings.Count(out.String(), "level=WARN"), strings.Count(out.String(), "is told again"); warned != 2 || over != 1 {
		t.Errorf("it is told %d times, and %d times that it is over:\n%s", warned, over, out.String())
	}
}
