package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/spf13/pflag"
)

// logOptions say what the service writes of itself, and where.
type logOptions struct {
	format, level, file string
}

func (o *logOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "log-format", "text", "write the log as `FORMAT`: text or json")
	f.StringVar(&o.level, "log-level", "info", "log from `LEVEL` on: debug, info, warn or error")
	f.StringVar(&o.file, "log-file", "", "append the log to `FILE`, which SIGHUP opens again; unless set, standard error")
}

func (o *logOptions) check() error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--log-format %s: text or json", o.format)
	}
	if _, err := o.parsed(); err != nil {
		return fmt.Errorf("--log-level %s: debug, info, warn or error", o.level)
	}
	return nil
}

func (o *logOptions) parsed() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(o.level))
	return level, err
}

// logFile is a log that can be opened again where its file was renamed.
type logFile struct {
	*slog.Logger
	out *reopened
}

func (l *logFile) reopen() error { return l.out.reopen() }

// openLog opens the service's log; close it at the end.
func (a *app) openLog(o logOptions) (*logFile, func() error, error) {
	level, err := o.parsed()
	if err != nil {
		return nil, nil, err
	}
	out := &reopened{otherwise: a.env.Stderr}
	if o.file != "" {
		out.path = a.path(o.file)
		if err := out.reopen(); err != nil {
			return nil, nil, fmt.Errorf("--log-file: %w", err)
		}
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(out, options)
	if o.format == "json" {
		options.ReplaceAttr = durationText
		handler = slog.NewJSONHandler(out, options)
	}
	return &logFile{slog.New(handler), out}, out.close, nil
}

// durationText writes a duration as the text form of the log does, "1m30s": JSON would have bare nanoseconds.
func durationText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// reopened writes to a file that may be renamed meanwhile, or to another writer.
type reopened struct {
	path      string
	otherwise io.Writer

	mu   sync.Mutex
	file *os.File
}

// Write never loses a line for want of a file: standard error gets it then.
func (r *reopened) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil {
		if n, err := r.file.Write(p); err == nil {
			return n, nil
		}
	}
	return r.otherwise.Write(p)
}

func (r *reopened) reopen() error {
	if r.path == "" {
		return nil
	}
	file, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err // the old file serves on
	}
	r.mu.Lock()
	old := r.file
	r.file = file
	r.mu.Unlock()
	if old != nil {
		return old.Close()
	}
	return nil
}

func (r *reopened) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
