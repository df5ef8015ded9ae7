package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/operator"
)

// app is one run of the program.
type app struct {
	env    Environment
	global globalFlags
	// running: the command line was understood and a command began.
	running bool
	// interrupted is closed when the command is to end.
	interrupted <-chan struct{}
	stdout      *view.View
	stderr      *view.View
	// json: the command writes JSON to standard output, diagnostics too.
	json bool
	// output is the format of the result, where a command has several; "" is text. review is for the documents among them.
	output outputFormat
	review view.ReviewOptions
	// untrusted: the configuration is under review, a stranger's.
	untrusted bool
	// rules are the operator's policy, as last read; nil for none.
	rules *operator.Policy
	// quiet: diagnostics that prevent nothing are left out.
	quiet    bool
	warnings config.Diagnostics // to be written with the command's JSON, or document
	// files are those of the configuration last loaded, for snippets.
	files map[string][]byte
}

// globalFlags are those that every command takes.
type globalFlags struct {
	chdir         string
	variables     []string
	variableFiles []string
	policy        string
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
	flags.StringVar(&a.global.policy, "policy", "", "hold the configuration against the operator's policy in `FILE` (default $REGISTRAR_POLICY)")
	flags.BoolVar(&a.global.noColour, "no-color", false, "never colour the output (as does the environment variable NO_COLOR)")
	flags.IntVar(&a.global.parallelism, "parallelism", 4, "read at most `N` syncs at a time")
	flags.DurationVar(&a.global.lockTimeout, "lock-timeout", 10*time.Second, "wait at most `DURATION` for a database that another apply holds")
	root.AddCommand(
		a.initCommand(), a.validateCommand(), a.fmtCommand(),
		a.planCommand(), a.showCommand(), a.approveCommand(), a.applyCommand(), a.runCommand(), a.runsCommand(), a.serveCommand(),
		a.pauseCommand(), a.resumeCommand(), a.explainCommand(), a.historyCommand(), a.diffCommand(), a.reviewCommand(), a.revertCommand(), a.forgetCommand(),
		a.transferCommand(), a.scaffoldCommand(), a.importConfigCommand(), a.manCommand(), a.doctorCommand(), a.pruneCommand(), a.scheduleCommand(), a.notifyCommand(), a.keyCommand(), a.demoCommand(), a.versionCommand(),
	)
	a.completeValues(root)
	return root
}

// group is a command that only holds others.
func group(name, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name + " COMMAND", Short: short, Long: long, DisableFlagsInUseLine: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var known []string
			for _, sub := range c.Commands() {
				known = append(known, sub.Name())
			}
			return fmt.Errorf("%s has no command %q.%s", name, args[0], suggest.Question(args[0], known))
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(commands...)
	return c
}

// command completes a command with what it does; whatever fails before run is a
// mistake in the command line.
func (a *app) command(c *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	c.DisableFlagsInUseLine = true
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := a.checkGlobal(); err != nil {
			return err
		}
		// As a variable that is not set would leave it: nothing would be forbidden.
		if err := filled(c, "policy"); err != nil {
			return err
		}
		a.running, a.interrupted = true, c.Context().Done()
		return run(c.Context(), args)
	}
	return c
}

// oneArgument refuses a command line without its only argument, and one with more.
func oneArgument(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("expected one argument, %s; there are %d", what, len(args))
		}
		return nil
	}
}

// filled refuses options that were given and name no file.
func filled(c *cobra.Command, options ...string) error {
	for _, name := range options {
		if c.Flags().Changed(name) && c.Flags().Lookup(name).Value.String() == "" {
			return fmt.Errorf("--%s names no file", name)
		}
	}
	return nil
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
	a.warnUnrestricted()
	a.warn(diags)
	return cfg, nil
}

// warn shows diagnostics that prevent nothing.
func (a *app) warn(diags config.Diagnostics) {
	if a.quiet {
		return
	}
	if a.json || a.output.isDocument() {
		a.warnings = append(a.warnings, diags...)
	}
	if !a.json {
		a.err().Diagnostics(diags, a.files)
	}
}

// warnUnrestricted says what a review without an operator's policy does not restrict.
func (a *app) warnUnrestricted() {
	if a.untrusted && a.policyFile() == "" && !a.json {
		a.err().RunWarning("No policy is given: every value is masked, but hosts and secrets are not restricted; see --policy")
	}
}

func (a *app) compile() (*config.Config, config.Diagnostics, error) {
	if err := a.loadPolicy(); err != nil {
		return nil, nil, err
	}
	options, err := a.loadOptions()
	if err != nil {
		return nil, nil, err
	}
	cfg, diags, err := a.compileIn(a.dir(), options, a.untrusted)
	if err != nil {
		return nil, nil, err
	}
	a.files = cfg.Files
	if !diags.HasErrors() {
		diags = append(diags, a.restrict(cfg)...)
	}
	return cfg, diags, nil
}

func (a *app) loadOptions() (hcl.Options, error) {
	o := hcl.Options{
		Providers: a.env.Providers, Variables: map[string]string{}, Environ: a.env.Environ, Version: a.build().Version, Untrusted: a.untrusted,
	}
	if a.rules != nil {
		o.PublicVariables = a.rules.PublicVariables
	}
	for _, one := range a.global.variables {
		name, value, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			// What was written may be a secret without its name: not repeated.
			return o, errors.New("--var expects NAME=VALUE")
		}
		o.Variables[name] = value
	}
	for _, name := range a.global.variableFiles {
		o.VariableFiles = append(o.VariableFiles, a.path(name))
	}
	return o, nil
}

// policyVariable names the operator's policy where --policy does not.
const policyVariable = "REGISTRAR_POLICY"

// policyFile is the operator's policy as it was named, "" for none.
func (a *app) policyFile() string {
	if a.global.policy != "" {
		return a.global.policy
	}
	return a.environ(policyVariable)
}

// loadPolicy reads the operator's policy, if there is one.
func (a *app) loadPolicy() (err error) {
	name := a.policyFile()
	if name == "" {
		return nil
	}
	path := a.path(name)
	a.rules, err = operator.Load(path, a.dir())
	if mistakes, ok := errors.AsType[*config.DiagnosticsError](err); ok {
		a.files = map[string][]byte{}
		for _, d := range mistakes.Diagnostics {
			if text, err := os.ReadFile(path); err == nil && d.Subject.File != "" {
				a.files[d.Subject.File] = text
			}
		}
	}
	return err
}

// restrict holds a configuration against the operator's policy. One under review is restricted without a policy, too.
func (a *app) restrict(cfg *config.Config) config.Diagnostics {
	if a.rules == nil && !a.untrusted {
		return nil
	}
	return operator.Restrict(cfg, a.rules, operator.Options{Providers: a.env.Providers, Speculative: a.untrusted})
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

// automationVariable says that nobody is at the terminal, even where there is one.
const automationVariable = "REGISTRAR_IN_AUTOMATION"

// automation reports whether a pipeline runs the program: then nobody is asked, and nobody types what a hint says.
func (a *app) automation() bool { return a.environ(automationVariable) != "" }

// hint returns a command to type next, "" where nobody would.
func (a *app) hint(command string) string {
	if a.automation() {
		return ""
	}
	return command
}

// canAsk reports whether there is somebody who can be asked.
func (a *app) canAsk() bool { return a.env.StdinIsTerminal && !a.automation() }

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
