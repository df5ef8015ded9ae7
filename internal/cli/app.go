package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/view"
)

// app is one run of the program.
type app struct {
	env    Environment
	global globalFlags
	// running: the command line was understood and a command began.
	running bool
	stdout  *view.View
	stderr  *view.View
	// json: the command writes JSON to standard output, diagnostics too.
	json bool
	// quiet: diagnostics that prevent nothing are left out.
	quiet    bool
	warnings config.Diagnostics // to be written with the command's JSON
	// files are those of the configuration last loaded, for snippets.
	files map[string][]byte
}

// globalFlags are those that every command takes.
type globalFlags struct {
	chdir         string
	variables     []string
	variableFiles []string
	noColour      bool
	parallelism   int
	lockTimeout   time.Duration
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "registrar",
		Short: "Keep a university's databases in step, as declared in files",
		Long: `registrar keeps tables in step with their sources, as declared in *.hcl files.

plan shows what an apply would do; apply does exactly that, in one transaction
per database, or nothing.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.global.chdir, "chdir", "", "work as if started in `DIR`")
	flags.StringArrayVar(&a.global.variables, "var", nil, "give a variable its value, as `NAME=VALUE`; may be repeated")
	flags.StringArrayVar(&a.global.variableFiles, "var-file", nil, "read values of variables from `FILE`; may be repeated")
	flags.BoolVar(&a.global.noColour, "no-color", false, "never colour the output (as does the environment variable NO_COLOR)")
	flags.IntVar(&a.global.parallelism, "parallelism", 4, "read at most `N` syncs at a time")
	flags.DurationVar(&a.global.lockTimeout, "lock-timeout", 10*time.Second, "wait at most `DURATION` for a database that another apply holds")
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.fmtCommand(),
		a.planCommand(), a.showCommand(), a.applyCommand(), a.runCommand(), a.runsCommand(), a.serveCommand(),
		a.pauseCommand(), a.resumeCommand(), a.doctorCommand(), a.pruneCommand(), a.scheduleCommand(), a.notifyCommand(), a.demoCommand(), a.versionCommand(),
	)
	return root
}

// command completes a command with what it does; whatever fails before run is a
// mistake in the command line.
func (a *app) command(c *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	c.DisableFlagsInUseLine = true
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := a.checkGlobal(); err != nil {
			return err
		}
		a.running = true
		return run(c.Context(), args)
	}
	return c
}

func (a *app) checkGlobal() error {
	if a.global.parallelism < 1 {
		return fmt.Errorf("--parallelism %d: at least 1 is needed", a.global.parallelism)
	}
	if a.global.lockTimeout < 0 {
		return fmt.Errorf("--lock-timeout %s: must not be negative", a.global.lockTimeout)
	}
	return nil
}

// dir is where relative paths start.
func (a *app) dir() string {
	if filepath.IsAbs(a.global.chdir) {
		return a.global.chdir
	}
	return filepath.Join(a.env.Dir, a.global.chdir)
}

// path of a file named on the command line.
func (a *app) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(a.dir(), name)
}

// load compiles the configuration and shows its warnings. Errors are returned, as
// a *config.DiagnosticsError.
func (a *app) load() (*config.Config, error) {
	cfg, diags, err := a.compile()
	if err != nil {
		return nil, err
	}
	if err := diags.Err(); err != nil {
		return nil, err
	}
	a.warn(diags)
	return cfg, nil
}

// warn shows diagnostics that prevent nothing.
func (a *app) warn(diags config.Diagnostics) {
	if a.quiet {
		return
	}
	if a.json {
		a.warnings = append(a.warnings, diags...)
		return
	}
	a.err().Diagnostics(diags, a.files)
}

func (a *app) compile() (*config.Config, config.Diagnostics, error) {
	variables := map[string]string{}
	for _, one := range a.global.variables {
		name, value, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			// What was written may be a secret without its name: not repeated.
			return nil, nil, errors.New("--var expects NAME=VALUE")
		}
		variables[name] = value
	}
	files := make([]string, len(a.global.variableFiles))
	for i, name := range a.global.variableFiles {
		files[i] = a.path(name)
	}
	cfg, diags := hcl.Load(a.dir(), hcl.Options{
		Providers: a.env.Providers, Variables: variables, VariableFiles: files, Environ: a.env.Environ, Version: a.build().Version,
	})
	a.files = cfg.Files
	return cfg, diags, nil
}

// out renders to standard output.
func (a *app) out() *view.View {
	if a.stdout == nil {
		a.stdout = a.view(a.env.Stdout, a.env.StdoutIsTerminal)
	}
	return a.stdout
}

// err renders to standard error: diagnostics and progress, so that what is piped
// on stays clean.
func (a *app) err() *view.View {
	if a.stderr == nil {
		a.stderr = a.view(a.env.Stderr, a.env.StderrIsTerminal)
	}
	return a.stderr
}

// environ returns a variable of the environment, "" where it is not set.
func (a *app) environ(name string) string {
	value := ""
	for _, entry := range a.env.Environ {
		if key, v, _ := strings.Cut(entry, "="); key == name {
			value = v // of several, the last counts
		}
	}
	return value
}
