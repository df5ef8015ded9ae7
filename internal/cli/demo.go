package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

const (
	defaultExample = "quickstart"
	setupScript    = "setup.sql"
	// sourceScript is in the examples whose source is a server: those are only
	// unpacked, their README.md says how to go on.
	sourceScript = "setup-source.sql"
	demoPlan     = "demo.plan"
)

type demoOptions struct {
	name, dir string
}

func (a *app) demoCommand() *cobra.Command {
	o := demoOptions{name: defaultExample}
	c := a.command(&cobra.Command{
		Use:   "demo [NAME] [--dir DIR]",
		Short: "Unpack an example and run it",
		Long: `Unpacks an example into a new folder and runs init, plan, apply and plan in it.
An example that needs databases of its own is only unpacked; its README.md says how
to go on.`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: a.exampleNames(),
	}, func(ctx context.Context, args []string) error {
		if len(args) == 1 {
			o.name = args[0]
		}
		return a.demo(ctx, o)
	})
	c.Flags().StringVar(&o.dir, "dir", "", "unpack into `DIR`, which must be empty or not exist; a new temporary folder unless set")
	return c
}

func (a *app) exampleNames() []string {
	if a.env.Examples == nil {
		return nil
	}
	entries, err := fs.ReadDir(a.env.Examples, ".")
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

func (a *app) demo(ctx context.Context, o demoOptions) error {
	known := strings.Join(a.exampleNames(), ", ")
	if !fs.ValidPath(o.name) || strings.Contains(o.name, "/") || o.name == "." || known == "" {
		return fmt.Errorf("there is no example %q; there are: %s", o.name, known)
	}
	example, err := fs.Sub(a.env.Examples, o.name)
	if err == nil {
		_, err = fs.Stat(example, ".")
	}
	if err != nil {
		return fmt.Errorf("there is no example %q; there are: %s", o.name, known)
	}
	dir, err := a.demoFolder(o)
	if err != nil {
		return err
	}
	if err := unpack(example, dir); err != nil {
		return fmt.Errorf("unpack the example: %w", err)
	}
	a.out().Heading("The example %q is in %s", o.name, dir)
	if _, err := fs.Stat(example, sourceScript); err == nil {
		a.out().Say("It needs databases of its own: README.md there says how to go on.")
		return nil
	}
	inside := *a
	inside.global.chdir = dir
	if err := inside.runExample(ctx, dir); err != nil {
		a.files = inside.files
		return err
	}
	a.out().Gap()
	a.out().Heading("That was it. The example stays in %s", dir)
	if !a.automation() {
		a.out().Say("Go on there: cd %s, edit a file in data, and see with registrar plan what changes.\nregistrar show --all %s shows what was applied; README.md explains the files.", dir, demoPlan)
	}
	return nil
}

// demoFolder returns an empty folder.
func (a *app) demoFolder(o demoOptions) (string, error) {
	if o.dir == "" {
		return os.MkdirTemp("", "registrar-"+o.name+"-")
	}
	dir := a.path(o.dir)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("create the example's folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("look into the example's folder: %w", err)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("--dir %s: the folder is not empty", o.dir)
	}
	return dir, nil
}

func unpack(example fs.FS, dir string) error {
	return fs.WalkDir(example, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		content, err := fs.ReadFile(example, path.Clean(name))
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}

// runExample does what a reader of the example would type.
func (a *app) runExample(ctx context.Context, dir string) error {
	step := func(title string) {
		a.out().Gap()
		a.out().Heading("%s", title)
	}
	script, err := os.ReadFile(filepath.Join(dir, setupScript))
	if err != nil {
		return fmt.Errorf("read the example's database: %w", err)
	}
	step("Creating the destination's tables with " + setupScript)
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if len(cfg.Destinations) != 1 {
		return errors.New("the example must have exactly one destination")
	}
	if err := a.runScript(ctx, cfg, string(script)); err != nil {
		return fmt.Errorf("run %s: %w", setupScript, err)
	}
	step("$ registrar init")
	if err := a.init(ctx, initOptions{}); err != nil {
		return err
	}
	step("$ registrar plan --out " + demoPlan)
	if err := a.plan(ctx, planOptions{out: demoPlan}); err != nil {
		return err
	}
	step("$ registrar apply " + demoPlan)
	if err := a.apply(ctx, applyOptions{file: demoPlan}); err != nil {
		return err
	}
	step("$ registrar plan")
	return a.plan(ctx, planOptions{})
}

// runScript runs SQL statements in the destination, which is created if need be.
func (a *app) runScript(ctx context.Context, cfg *config.Config, script string) (err error) {
	c := *cfg.Destinations[0]
	c.Attributes = maps.Clone(c.Attributes)
	c.Attributes["create"] = true // a database file is made only where this is said
	d, err := plan.OpenDestination(ctx, a.env.Providers, &c, cfg.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	conn, err := d.Conn(ctx)
	if err != nil {
		return providers.SafeError(d, err)
	}
	defer conn.Close()
	_, err = conn.ExecContext(ctx, script)
	return err
}
