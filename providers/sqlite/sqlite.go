// Package sqlite makes SQLite files sources and destinations.
//
// A value keeps in SQLite whatever class it was stored with, and a column's
// declared type only suggests one (its affinity). Types are therefore read from the
// declarations, and each canonical text allows for values of another class.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
)

// Provider opens SQLite files.
type Provider struct{}

var (
	_ providers.SourceProvider      = (*Provider)(nil)
	_ providers.DestinationProvider = (*Provider)(nil)
)

// New returns the provider.
func New() *Provider { return &Provider{} }

// Name is the label of its blocks.
func (*Provider) Name() string { return "sqlite" }

// SourceSpec declares:
//
//	path          the file, relative to the configuration; required, and must exist
//	busy_timeout  how long a read waits for a writer, such as "10s"; 10s unless set
func (*Provider) SourceSpec() hcldec.Spec {
	return hcldec.ObjectSpec{"path": pathSpec(), "busy_timeout": timeoutSpec()}
}

// DestinationSpec declares what SourceSpec does, and:
//
//	create  make an empty database where the file is missing; false unless set
//	wal     switch the file to a write-ahead log, so that others can read while
//	        an apply writes; true unless set. Not for network drives.
func (*Provider) DestinationSpec() hcldec.Spec {
	return hcldec.ObjectSpec{
		"path": pathSpec(), "busy_timeout": timeoutSpec(),
		"create": &hcldec.AttrSpec{Name: "create", Type: cty.Bool},
		"wal":    &hcldec.AttrSpec{Name: "wal", Type: cty.Bool},
	}
}

const defaultBusyTimeout = 10 * time.Second

func pathSpec() hcldec.Spec {
	return checked(&hcldec.AttrSpec{Name: "path", Type: cty.String, Required: true}, "Invalid path", func(s string) string {
		if strings.TrimSpace(s) == "" {
			return "path is empty: name the database file."
		}
		if strings.ContainsRune(s, 0) {
			return "path contains a NUL character."
		}
		if s == ":memory:" || strings.HasPrefix(s, "file:") {
			return "path must be the name of a file, not a URI or :memory:."
		}
		return ""
	})
}

func timeoutSpec() hcldec.Spec {
	return checked(&hcldec.AttrSpec{Name: "busy_timeout", Type: cty.String}, "Invalid duration", func(s string) string {
		if d, err := time.ParseDuration(s); err != nil || d < 0 || d > time.Hour {
			return fmt.Sprintf("busy_timeout = %q: expected a duration from 0s to 1h, such as \"10s\".", s)
		}
		return ""
	})
}

// checked is a text attribute with a check of its value; check returns what is
// wrong, or "".
func checked(attribute *hcldec.AttrSpec, summary string, check func(string) string) hcldec.Spec {
	return &hcldec.ValidateSpec{Wrapped: attribute, Func: func(v cty.Value) hcl.Diagnostics {
		v, _ = v.Unmark()
		if !v.IsKnown() || v.IsNull() {
			return nil
		}
		if detail := check(v.AsString()); detail != "" {
			return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail}}
		}
		return nil
	}}
}

// OpenSource opens the file for reading only.
func (*Provider) OpenSource(ctx context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	path, err := locate(attributes, dir)
	if err != nil {
		return nil, err
	}
	if err := checkFile(path, attributes.String("path")); err != nil {
		return nil, err
	}
	db, err := open(ctx, path, settings{mode: "ro", busy: busyTimeout(attributes), queryOnly: true})
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", attributes.String("path"), err)
	}
	return &source{db: db, path: path}, nil
}

// OpenDestination opens the file for writing.
func (*Provider) OpenDestination(ctx context.Context, attributes providers.Attributes, dir string) (_ providers.Destination, err error) {
	path, err := locate(attributes, dir)
	if err != nil {
		return nil, err
	}
	mode := "rw"
	if err := checkFile(path, attributes.String("path")); errors.Is(err, fs.ErrNotExist) && attributes.Bool("create", false) {
		mode = "rwc"
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: create the database first, or set create = true to begin with an empty one", err)
	} else if err != nil {
		return nil, err
	}
	d := &destination{identity: "sqlite:" + filepath.ToSlash(attributes.String("path")), busy: busyTimeout(attributes)}
	if d.db, err = open(ctx, path, settings{mode: mode, busy: d.busy, immediate: true}); err != nil {
		return nil, fmt.Errorf("open the database %s: %w", attributes.String("path"), err)
	}
	if attributes.Bool("wal", true) {
		// The mode stays with the file. SQLite answers with the mode that it kept
		// where it cannot change it.
		var journal string
		if err := d.db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&journal); err != nil {
			return nil, errors.Join(fmt.Errorf("switch %s to a write-ahead log: %w", attributes.String("path"), busyAsLocked(err)), d.db.Close())
		}
	}
	return d, nil
}

func busyTimeout(attributes providers.Attributes) time.Duration {
	if d, err := time.ParseDuration(attributes.String("busy_timeout")); err == nil {
		return d
	}
	return defaultBusyTimeout
}

func locate(attributes providers.Attributes, dir string) (string, error) {
	path := filepath.FromSlash(attributes.String("path"))
	if path == "" {
		return "", errors.New("path is not set")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return filepath.Abs(path)
}

// checkFile tells a missing file from one that cannot be a database: SQLite's own
// message is "unable to open database file" for both.
func checkFile(path, written string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the file %s does not exist: %w", written, fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("look at the file %s: %w", written, err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder, not a database file", written)
	}
	return nil
}

// settings are what connections differ in.
type settings struct {
	mode      string // ro, rw or rwc, as SQLite's URIs spell it
	busy      time.Duration
	queryOnly bool
	immediate bool // transactions take the write lock when they begin
}

func (s settings) dsn(path string) string {
	query := url.Values{
		"mode": {s.mode},
		// A misspelt column in double quotes is an error, not a constant.
		"_dqs": {"0"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", s.busy.Milliseconds()),
			"foreign_keys(1)",
			// Staging tables of any size go to a file, through a small cache.
			"temp_store(1)", "temp.cache_size(-4096)", "main.cache_size(-8192)",
		},
	}
	if s.queryOnly {
		query.Set("_query_only", "1")
	}
	if s.immediate {
		query.Set("_txlock", "immediate")
	}
	return fileURI(path, query)
}

// fileURI names a file for SQLite, whatever characters are in its path.
func fileURI(path string, query url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// open opens the file and reads its schema, so that what is no database is
// refused here.
func open(ctx context.Context, path string, s settings) (*sql.DB, error) {
	connector, err := newConnector(s.dsn(path))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	// A connection that is given back takes its staging tables with it.
	db.SetMaxIdleConns(-1)
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return nil, errors.Join(busyAsLocked(err), db.Close())
	}
	return db, nil
}
