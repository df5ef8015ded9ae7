package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/atomicfile"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/scaffold"
)

type scaffoldOptions struct {
	from, to, name, faculty, out string
}

func (a *app) scaffoldCommand() *cobra.Command {
	var o scaffoldOptions
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "scaffold --from source.PROVIDER.NAME.TABLE --to destination.PROVIDER.NAME.TABLE [--name SYNC] [--faculty LABEL|each] [--out FILE]",
		Short: "Write the configuration of a sync from two tables",
		Long: `Describes a table of a source and a table of a destination of the configuration, which
needs no more than their blocks, and writes a sync of the two: columns matched by name
(also by the abbreviations of Apogée, Harpège and SIFAC, and between French and
English), conversions by type, the key from a unique index, lookups from foreign keys.
What is a guess is marked by a comment that begins with "doubt:".

Up to 500 rows of the source are read, for how its texts are made; no value is shown
or written. No database is written. A file is never overwritten.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error {
		if err := filled(c, "out"); err != nil {
			return err
		}
		return a.scaffold(ctx, o)
	})
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "the `TABLE` to read, behind the address of its source: source.csv.apogee.rooms")
	f.StringVar(&o.to, "to", "", "the `TABLE` to write, behind the address of its destination: destination.postgres.timetable.public.room")
	f.StringVar(&o.name, "name", "", "the sync's `NAME` (default the destination's table)")
	f.StringVar(&o.faculty, "faculty", "", "the faculty `LABEL` that it runs for; each for an instance for each of them")
	f.StringVar(&o.out, "out", "", "write to `FILE`, which must not exist; to standard output without")
	_ = c.MarkFlagRequired("from") // fails only for a flag that is not there
	_ = c.MarkFlagRequired("to")
	return c
}

func (a *app) scaffold(ctx context.Context, o scaffoldOptions) error {
	if o.out != "" {
		// Said before the work, not after it.
		if err := absent(a.path(o.out), o.out); err != nil {
			return err
		}
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	result, err := a.scaffoldSync(ctx, cfg, o)
	if err != nil {
		return err
	}
	text, diags := hcl.Format(result.Text, "the scaffold")
	if err := diags.Err(); err != nil {
		return err
	}
	if o.out == "" {
		_, err := a.out().Writer().Write(text)
		return err
	}
	if err := create(a.path(o.out), text); err != nil {
		return fmt.Errorf("write %s: %w", o.out, err)
	}
	a.out().Say("sync.%s is in %s, with %s.", result.Sync, o.out, counted(result.Doubts, "doubt"))
	if hint := a.hint("registrar validate"); hint != "" && result.Doubts > 0 {
		a.out().Say("Look for the comments \"doubt:\" there; then %s, and registrar plan.", hint)
	}
	return nil
}

// counted is a number and what it counts.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (a *app) scaffoldSync(ctx context.Context, cfg *config.Config, o scaffoldOptions) (result *scaffold.Result, err error) {
	from, sourceTable, err := tableOf("--from", o.from, "source", cfg.Sources)
	if err != nil {
		return nil, err
	}
	into, table, err := tableOf("--to", o.to, "destination", cfg.Destinations)
	if err != nil {
		return nil, err
	}
	if err := knownFaculty(cfg, o.faculty); err != nil {
		return nil, err
	}
	in := &scaffold.Input{
		Name: o.name, From: from.Address, Into: into.Address, SourceName: from.Name, SourceTable: sourceTable, Table: table, Faculty: o.faculty,
	}
	for _, s := range cfg.Syncs {
		label, _, _ := strings.Cut(strings.TrimPrefix(s.Address, "sync."), "[")
		in.Taken = append(in.Taken, label)
		if s.Destination.Into == into && s.Destination.Table == table {
			in.Writers = append(in.Writers, s.Address)
		}
	}
	source, err := a.openSource(ctx, cfg, from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(providers.SafeError(source, err), source.Close()) }()
	if in.Source, err = source.Snapshot(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", from.Address, err)
	}
	defer func() { err = errors.Join(err, in.Source.Close()) }()
	if in.Destination, err = plan.OpenDestination(ctx, a.env.Providers, into, cfg.Dir); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Destination.Close()) }()
	conn, err := in.Destination.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", into.Address, providers.SafeError(in.Destination, err))
	}
	defer conn.Close()
	in.Conn = conn
	return scaffold.Sync(ctx, in)
}

// openSource opens a source block.
func (a *app) openSource(ctx context.Context, cfg *config.Config, c *config.Connection) (providers.Source, error) {
	for _, p := range a.env.Providers {
		if provider, ok := p.(providers.SourceProvider); ok && p.Name() == c.Provider {
			source, err := provider.OpenSource(ctx, c.Attributes, cfg.Dir)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", c.Address, err)
			}
			return source, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a source", c.Address, c.Provider)
}

// tableOf takes an option's value apart: the address of a block, a point, and a table's name, which may have points itself.
func tableOf(option, text, kind string, known []*config.Connection) (*config.Connection, string, error) {
	var addresses []string
	for _, c := range known {
		addresses = append(addresses, c.Address)
		if rest, ok := strings.CutPrefix(text, c.Address+"."); ok && rest != "" {
			return c, rest, nil
		}
		if text == c.Address || text == c.Address+"." {
			return nil, "", fmt.Errorf("%s %s: behind the address of the %s, a point and a table's name are expected", option, text, kind)
		}
	}
	if len(known) == 0 {
		return nil, "", fmt.Errorf("%s %s: the configuration has no %s block", option, text, kind)
	}
	meant := strings.SplitN(text, ".", 4)
	address := strings.Join(meant[:min(3, len(meant))], ".")
	question := suggest.Question(address, addresses)
	if question == "" {
		question = " There are " + suggest.List(addresses, 10) + "."
	}
	return nil, "", fmt.Errorf("%s %s: the configuration has no %s %q.%s", option, text, kind, address, question)
}

func knownFaculty(cfg *config.Config, label string) error {
	if label == "" || label == scaffold.Each && len(cfg.Faculties) > 0 {
		return nil
	}
	var labels []string
	for _, f := range cfg.Faculties {
		labels = append(labels, f.Label)
	}
	if slices.Contains(labels, label) {
		return nil
	}
	if len(labels) == 0 {
		return fmt.Errorf("--faculty %s: the configuration has no faculty block", label)
	}
	return fmt.Errorf("--faculty %s: the configuration has no such faculty.%s", label, suggest.Question(label, labels))
}

// absent refuses a file that is there, and one whose folder is not; shown is how it was named.
func absent(path, shown string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s exists and is not overwritten: name another file", shown)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: its folder does not exist", shown)
	}
	return nil
}

// create writes a file that is not there yet.
func create(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return atomicfile.Write(path, text, 0o644)
}
