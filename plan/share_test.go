package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// watched reads as another provider does, and lets the test look on.
type watched struct {
	providers.SourceProvider
	reading func(ctx context.Context, table string) error // before each read
	viewing func() error                                  // before each view
	refuses bool                                          // to share

	mu            sync.Mutex
	shares, views int
	open, most    int // reads at a time
}

type watchedSource struct {
	providers.Source
	by *watched
}

type watchedSnapshot struct {
	providers.Snapshot
	by *watched
}

type watchedRead struct {
	providers.Rows
	by *watched
}

func (w *watched) OpenSource(ctx context.Context, attributes providers.Attributes, dir string) (providers.Source, error) {
	opened, err := w.SourceProvider.OpenSource(ctx, attributes, dir)
	if err != nil {
		return nil, err
	}
	return watchedSource{opened, w}, nil
}

func (s watchedSource) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	opened, err := s.Source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return watchedSnapshot{opened, s.by}, nil
}

func (w *watched) count(of *int, by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*of += by
	w.most = max(w.most, w.open)
}

func (s watchedSnapshot) Share(ctx context.Context) (func(context.Context) (providers.Snapshot, error), error) {
	s.by.count(&s.by.shares, 1)
	view, err := s.Snapshot.(providers.SnapshotSharer).Share(ctx)
	if err != nil || s.by.refuses {
		return nil, errors.Join(err, errors.New("refused"))
	}
	return func(ctx context.Context) (providers.Snapshot, error) {
		s.by.count(&s.by.views, 1)
		if s.by.viewing != nil {
			if err := s.by.viewing(); err != nil {
				return nil, err
			}
		}
		opened, err := view(ctx)
		if err != nil {
			return nil, err
		}
		return watchedSnapshot{opened, s.by}, nil
	}, nil
}

func (s watchedSnapshot) Read(ctx context.Context, query providers.Query) (providers.Rows, error) {
	s.by.count(&s.by.open, 1)
	if s.by.reading != nil {
		if err := s.by.reading(ctx, query.Table); err != nil {
			s.by.count(&s.by.open, -1)
			return nil, err
		}
	}
	rows, err := s.Snapshot.Read(ctx, query)
	if err != nil {
		s.by.count(&s.by.open, -1)
		return nil, err
	}
	return watchedRead{rows, s.by}, nil
}

func (r watchedRead) Close() error {
	r.by.count(&r.by.open, -1)
	return r.Rows.Close()
}

// wait ends with the context, which no test does.
func wait(ctx context.Context, until <-chan struct{}) error {
	select {
	case <-until:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readingMany is a plan of syncs src0, src1, … from a source of the provider into PostgreSQL, at most
// parallelism at a time. Each source has one row, whose code is its name.
func readingMany(t *testing.T, provider providers.SourceProvider, parallelism, syncs int, test func(p *planning, w *watched, works []*work)) {
	t.Helper()
	postgresOnly(t, func(p *planning) {
		dir := p.TempDir()
		w := &watched{SourceProvider: provider}
		write := p.exec
		switch provider.Name() {
		case "sqlite":
			path := filepath.Join(dir, "source.db")
			db := openSQLite(p.T, path)
			p.source.Attributes = map[string]any{"path": path}
			write = func(statement string) {
				if _, err := db.ExecContext(p.Context(), statement); err != nil {
					p.Fatal(err)
				}
			}
		case "csv":
			p.source.Attributes = map[string]any{"directory": dir}
		}
		p.source.Provider = provider.Name()
		p.opts.Providers, p.opts.Parallelism = []providers.Provider{w}, parallelism
		p.exec("CREATE TABLE room (code varchar(20) PRIMARY KEY)")
		var works []*work
		for i := range syncs {
			name := fmt.Sprintf("src%d", i)
			if provider.Name() == "csv" {
				if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte("CODE\n"+name+"\n"), 0o600); err != nil {
					p.Fatal(err)
				}
			} else {
				write("CREATE TABLE " + name + " (code text)")
				write("INSERT INTO " + name + " VALUES ('" + name + "')")
			}
			works = append(works, p.add(&config.Sync{
				Address: "sync." + name, Source: config.SyncSource{Table: name}, Columns: []config.Column{{Name: "code", Expr: column("CODE")}},
			}))
		}
		test(p, w, works)
		p.d.dropStages(p.Context())
	})
}

// postgresOnly runs a test whose destination takes several loads at a time.
func postgresOnly(t *testing.T, test func(p *planning)) {
	t.Helper()
	onEveryEngine(t, func(p *planning) {
		if p.d.shared != nil {
			test(p)
		}
	})
}

func (p *planning) wantAllStaged(works []*work) {
	p.Helper()
	for i, w := range works {
		p.wantStaged(w, fmt.Sprintf("src%d|-", i))
	}
}

// stageSoon stages, and fails rather than hang.
func (p *planning) stageSoon() error {
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	defer cancel()
	return p.stage(ctx, nil)
}

// The first sync is not read before the second is staged: one after the other they would never be.
func TestSyncsOfOneSourceOverlap(t *testing.T) {
	for _, provider := range []providers.SourceProvider{postgres.New(), sqlite.New(), csv.New()} {
		t.Run(provider.Name(), func(t *testing.T) {
			readingMany(t, provider, 2, 2, func(p *planning, w *watched, works []*work) {
				staged := make(chan struct{})
				p.opts.Progress = func(progress Progress) {
					if progress.Phase == Staged && progress.Sync == "sync.src1" {
						close(staged)
					}
				}
				w.reading = func(ctx context.Context, table string) error {
					if table == "src0" {
						return wait(ctx, staged)
					}
					return nil
				}
				if err := p.stageSoon(); err != nil {
					p.Fatal(err)
				}
				p.wantAllStaged(works)
				if works[0].summary.SourceRows != 1 || works[1].summary.SourceRows != 1 {
					p.Errorf("summaries %+v, %+v", works[0].summary, works[1].summary)
				}
			})
		})
	}
}

// All syncs see the source as the first snapshot does, whatever is committed before a helper
// comes. SQLite cannot show what was: then there is no helper.
func TestSyncsOfOneSourceSeeOneState(t *testing.T) {
	for _, provider := range []providers.SourceProvider{postgres.New(), sqlite.New()} {
		t.Run(provider.Name(), func(t *testing.T) {
			readingMany(t, provider, 3, 4, func(p *planning, w *watched, works []*work) {
				db := p.db
				if provider.Name() == "sqlite" {
					db = openSQLite(p.T, p.source.Attributes["path"].(string))
				}
				viewed := make(chan struct{})
				var once sync.Once
				w.viewing = func() error {
					var err error
					once.Do(func() {
						for i := range works {
							_, failed := db.ExecContext(p.Context(), fmt.Sprintf("INSERT INTO src%d VALUES ('late')", i))
							err = errors.Join(err, failed)
						}
						close(viewed)
					})
					return err
				}
				w.reading = func(ctx context.Context, _ string) error { return wait(ctx, viewed) }
				if err := p.stageSoon(); err != nil {
					p.Fatal(err)
				}
				p.wantAllStaged(works)
			})
		})
	}
}

// As many syncs are read at a time as were asked for, over all sources, as long as there are so many;
// never more.
func TestParallelismBounds(t *testing.T) {
	for parallelism := 1; parallelism <= 3; parallelism++ {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			readingMany(t, postgres.New(), parallelism, 6, func(p *planning, w *watched, works []*work) {
				another := *p.source
				for i := range works {
					if i%2 == 1 {
						works[i].sync.Source.From = &another
					}
				}
				var mu sync.Mutex
				here, full := 0, make(chan struct{})
				// Nobody goes on before so many are here.
				w.reading = func(ctx context.Context, _ string) error {
					mu.Lock()
					gate := full
					if here++; here%parallelism == 0 {
						close(full)
						full = make(chan struct{})
					}
					mu.Unlock()
					return wait(ctx, gate)
				}
				if err := p.stageSoon(); err != nil {
					p.Fatal(err)
				}
				p.wantAllStaged(works)
				if w.most != parallelism || w.open != 0 {
					p.Errorf("%d were read at a time, %d are still", w.most, w.open)
				}
				if parallelism == 1 && w.shares > 0 {
					p.Error("a snapshot is shared with nobody")
				}
			})
		})
	}
}

// What cannot be shared is read by one, and no error.
func TestSnapshotNotShared(t *testing.T) {
	for name, refuse := range map[string]func(w *watched){
		"share": func(w *watched) { w.refuses = true },
		"view":  func(w *watched) { w.viewing = func() error { return errors.New("too many connections") } },
	} {
		t.Run(name, func(t *testing.T) {
			readingMany(t, postgres.New(), 4, 8, func(p *planning, w *watched, works []*work) {
				refuse(w)
				if err := p.stageSoon(); err != nil {
					p.Fatal(err)
				}
				p.wantAllStaged(works)
				if w.most != 1 || w.shares != 1 {
					p.Errorf("%d were read at a time, %d shares", w.most, w.shares)
				}
			})
		})
	}
}

// A destination that takes one load at a time is read for by one.
func TestOneLoadAtATime(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		if p.d.shared != nil {
			return
		}
		p.exec("CREATE TABLE room (code varchar(20) PRIMARY KEY)")
		w := &watched{SourceProvider: sqlite.New()}
		p.opts.Providers, p.opts.Parallelism = []providers.Provider{w}, 4
		for i := range 4 {
			p.exec(fmt.Sprintf("CREATE TABLE src%d (code text)", i))
			p.add(&config.Sync{Address: fmt.Sprintf("sync.src%d", i), Source: config.SyncSource{Table: fmt.Sprintf("src%d", i)}, Columns: []config.Column{{Name: "code", Expr: column("CODE")}}})
		}
		if err := p.stageSoon(); err != nil {
			p.Fatal(err)
		}
		if w.shares != 0 || w.most != 1 {
			p.Errorf("%d shares, %d reads at a time", w.shares, w.most)
		}
		p.d.dropStages(p.Context())
	})
}

// A sync that fails ends the others, one that waits for the server too; nothing of them is left
// running.
func TestFailureEndsTheOthers(t *testing.T) {
	pgtest.New(t) // starts the server
	ignore := goleak.IgnoreCurrent()
	t.Run("postgres", func(t *testing.T) {
		readingMany(t, postgres.New(), 3, 3, func(p *planning, w *watched, works []*work) {
			holder, err := p.db.Conn(p.Context())
			if err != nil {
				p.Fatal(err)
			}
			defer holder.Close()
			if _, err := holder.ExecContext(p.Context(), "SELECT pg_advisory_lock(7)"); err != nil {
				p.Fatal(err)
			}
			// Two wait for what nobody will give them.
			for _, w := range works[:2] {
				w.sync.Source = config.SyncSource{From: p.source, Query: "SELECT code FROM src0 WHERE (SELECT pg_advisory_xact_lock_shared(7)) IS NOT NULL"}
			}
			var begun sync.WaitGroup
			begun.Add(2)
			w.reading = func(ctx context.Context, table string) error {
				if table == "" {
					begun.Done()
					return nil
				}
				begun.Wait()
				return nil
			}
			works[2].sync.Source.Table = "broken"
			p.exec("CREATE VIEW broken AS SELECT CASE WHEN n < 3000 THEN n::text ELSE (1 / (n - n))::text END AS code FROM generate_series(1, 5000) AS n")
			if err := p.stageSoon(); err == nil || !strings.Contains(err.Error(), "sync.src2: reading source.x.main broke off") {
				p.Errorf("stage = %v", err)
			}
			if left := p.lines("SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%xact_lock_shared%' AND query NOT LIKE '%pg_stat_activity%' AND state = 'active'"); len(left) > 0 {
				p.Errorf("the server still runs %q", left)
			}
		})
	})
	goleak.VerifyNone(t, ignore)
}

// A plan that is given up ends all readers.
func TestCancelledReaders(t *testing.T) {
	pgtest.New(t) // starts the server
	ignore := goleak.IgnoreCurrent()
	t.Run("postgres", func(t *testing.T) {
		readingMany(t, postgres.New(), 3, 5, func(p *planning, w *watched, _ []*work) {
			ctx, cancel := context.WithCancel(p.Context())
			defer cancel()
			var begun sync.WaitGroup
			begun.Add(3)
			go func() {
				begun.Wait()
				cancel()
			}()
			w.reading = func(ctx context.Context, _ string) error {
				begun.Done()
				<-ctx.Done()
				return ctx.Err()
			}
			if err := p.stage(ctx, nil); !errors.Is(err, context.Canceled) {
				p.Errorf("stage = %v", err)
			}
		})
	})
	goleak.VerifyNone(t, ignore)
}

// The mistakes of all syncs are told in their order, whichever is found first.
func TestMistakesInOrder(t *testing.T) {
	readingMany(t, postgres.New(), 3, 5, func(p *planning, w *watched, works []*work) {
		for i, one := range works {
			one.sync.Source.Table = fmt.Sprintf("missing%d", i)
		}
		last := make(chan struct{})
		w.reading = func(ctx context.Context, table string) error {
			switch table {
			case "missing0":
				return wait(ctx, last)
			case "missing4":
				close(last)
			}
			return nil
		}
		if err := p.stageSoon(); err == nil {
			p.Fatal("no error")
		}
		var order []string
		for _, d := range p.diags {
			at := strings.Index(d.Detail, "sync.src")
			order = append(order, d.Detail[at:at+9])
		}
		if diff := cmp.Diff([]string{"sync.src0", "sync.src1", "sync.src2", "sync.src3", "sync.src4"}, order); diff != "" {
			p.Errorf("the diagnostics (-want +got):\n%s", diff)
		}
	})
}

// Checks on a source see the state of its syncs, once all of these are staged.
func TestSourceChecksComeLast(t *testing.T) {
	readingMany(t, postgres.New(), 2, 4, func(p *planning, w *watched, works []*work) {
		var read []string
		var mu sync.Mutex
		w.reading = func(_ context.Context, table string) error {
			mu.Lock()
			defer mu.Unlock()
			read = append(read, table)
			return nil
		}
		var once sync.Once
		w.viewing = func() (err error) {
			once.Do(func() { _, err = p.db.ExecContext(p.Context(), "DELETE FROM src0") })
			return err
		}
		p.cfg.Checks = []*config.Check{{Address: "check.a", From: p.source, Query: "SELECT code FROM src0", Message: template("%s", "code")}}
		if err := p.stageSoon(); err != nil {
			p.Fatal(err)
		}
		p.wantAllStaged(works)
		if len(p.checked) != 1 || p.checked[0].count != 1 {
			p.Errorf("the check saw %+v", p.checked)
		}
		if slices.Index(read, "") != len(works) {
			p.Errorf("read in the order %q", read)
		}
	})
}

func openSQLite(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
