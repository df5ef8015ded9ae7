package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/atomicfile"
	"github.com/registrar-sync/registrar/schedule/export"
)

type scheduleExportOptions struct {
	format    string
	out       string
	program   string
	user      string
	image     string
	schedules []string
	targetDir string
	machine   string
	logon     string
	test      bool
}

func (a *app) scheduleExportCommand() *cobra.Command {
	o := scheduleExportOptions{}
	var formats []string
	for _, format := range export.Formats() {
		formats = append(formats, string(format))
	}
	c := a.command(&cobra.Command{
		Use:   "export --format FORMAT [--schedule ADDRESS]... [--out DIR] [options]",
		Short: "Write the schedules for another scheduler",
		Long: `Writes the schedules that syncs use for a scheduler that runs already: crontab,
systemd, windows (Task Scheduler), kubernetes, gitlab or github. Each entry runs the
guard registrar run --schedule ADDRESS --due, which knows windows, exceptions and the
changes of the clock, and which runs each slot once however often it is asked.

What a format cannot say is a warning. How to install what was written, and how to
try it, is printed with it.`,
		Args: cobra.NoArgs,
	}, func(_ context.Context, _ []string) error { return a.scheduleExport(o) })
	flags := c.Flags()
	flags.StringVar(&o.format, "format", "", "write for `FORMAT`: "+strings.Join(formats, ", "))
	flags.StringVar(&o.out, "out", "", "write files to `DIR`; to standard output without, where it is one file of text")
	flags.StringArrayVar(&o.schedules, "schedule", nil, "only the schedule `ADDRESS`, whether or not a sync uses it; may be repeated")
	flags.StringVar(&o.program, "program", "", "the `PATH` of registrar there (default registrar; systemd and windows want it whole)")
	flags.StringVar(&o.targetDir, "target-dir", "", "the configuration's `DIR` there (default its path here; /config for kubernetes, its path in the git checkout for gitlab and github)")
	flags.StringVar(&o.user, "user", "", "run as `NAME`; for kubernetes a number")
	flags.StringVar(&o.image, "image", "", "a container's `IMAGE` with registrar, for kubernetes, gitlab and github")
	flags.StringVar(&o.machine, "machine-timezone", "", "the time `ZONE` of the machine that a crontab is for (default that of the schedules)")
	flags.StringVar(&o.logon, "logon", string(export.LogonPassword), "how Task Scheduler logs on, `TYPE` password or s4u (without a password, and without a right on the network)")
	flags.BoolVar(&o.test, "test", false, "add an entry that examines the connections once, in two to three minutes")
	_ = c.MarkFlagRequired("format") // fails only for a flag that is not there
	return c
}

func (a *app) scheduleExport(o scheduleExportOptions) error {
	format := export.Format(o.format)
	if !slices.Contains(export.Formats(), format) {
		return fmt.Errorf("--format %q: expected one of %v", o.format, export.Formats())
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	schedules, warnings, err := schedulesToExport(cfg, o.schedules)
	if err != nil {
		return err
	}
	variables := a.rootVariables()
	options := export.Options{
		Program: o.program, User: o.user, Image: o.image, Logon: export.Logon(o.logon),
		Variables: a.fromEnvironment(variables), Flags: a.scheduledFlags(variables), Service: &cfg.Settings.Service, Now: a.env.Now(),
	}
	if options.Logon != export.LogonPassword && options.Logon != export.LogonS4U {
		return fmt.Errorf("--logon %q: expected password or s4u", o.logon)
	}
	if o.machine != "" {
		// "Local" would be this machine's.
		if options.Machine, err = time.LoadLocation(o.machine); err != nil || o.machine == "Local" {
			return fmt.Errorf("--machine-timezone %q: expected a time zone such as Europe/Paris", o.machine)
		}
	}
	if o.test {
		// On a whole minute, two ahead at least: there must be time to install it.
		options.Test = options.Now.Truncate(time.Minute).Add(3 * time.Minute)
	}
	if options.Dir, err = a.targetDir(format, o.targetDir); err != nil {
		return err
	}
	result, err := export.Write(format, schedules, options)
	if err != nil {
		return err
	}
	for _, warning := range result.Warnings {
		warnings = append(warnings, config.Diagnostic{Severity: config.Warning, Summary: warning})
	}
	for _, warning := range warnings {
		a.err().Diagnostics(config.Diagnostics{warning}, nil)
	}
	if o.out == "" {
		return a.exportToStdout(format, result)
	}
	return a.exportToFiles(a.path(o.out), result)
}

// schedulesToExport returns those that syncs use or, with addresses, those; and warns of those that no sync uses.
func schedulesToExport(cfg *config.Config, addresses []string) ([]*config.Schedule, config.Diagnostics, error) {
	used, err := schedulesUsed(cfg, nil, addresses)
	if err != nil {
		return nil, nil, err
	}
	var out []*config.Schedule
	var warnings config.Diagnostics
	for _, u := range used {
		out = append(out, u.Schedule)
		if len(u.Syncs) == 0 {
			warnings = append(warnings, config.Diagnostic{Severity: config.Warning, Summary: u.Address + ": no sync uses it, its entries run nothing"})
		}
	}
	return out, warnings, nil
}

// targetDir is where the configuration will be, as far as that is known.
func (a *app) targetDir(format export.Format, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if format == export.Kubernetes {
		return "/config", nil
	}
	dir, err := filepath.Abs(a.dir())
	if err != nil {
		return "", err
	}
	if format != export.GitLab && format != export.GitHub {
		return dir, nil
	}
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			inside, err := filepath.Rel(root, dir)
			if inside == "." {
				inside = ""
			}
			return filepath.ToSlash(inside), err
		}
		if filepath.Dir(root) == root {
			return "", fmt.Errorf("%s is in no git checkout: name the configuration's directory in it with --target-dir", dir)
		}
	}
}

// fromEnvironment are the names of those whose values a run must find in its environment.
func (a *app) fromEnvironment(variables []rootVariable) []string {
	var out []string
	for _, v := range variables {
		given := slices.ContainsFunc(a.global.variables, func(one string) bool { return strings.HasPrefix(one, v.name+"=") })
		if v.sensitive || !v.hasDefault && !given {
			out = append(out, v.name)
		}
	}
	return out
}

func (a *app) exportToStdout(format export.Format, result *export.Result) error {
	if len(result.Files) != 1 {
		return fmt.Errorf("these are %d files: name a directory for them with --out", len(result.Files))
	}
	if format == export.Windows {
		return errors.New("a task's file is in UTF-16, which a redirection may change: name a directory for it with --out")
	}
	if _, err := a.env.Stdout.Write(result.Files[0].Data); err != nil {
		return err
	}
	a.err().Say("%s", strings.TrimSuffix(result.Guide, "\n"))
	return nil
}

// exportToFiles writes all of the files or, where one of that name is somebody else's, none.
func (a *app) exportToFiles(dir string, result *export.Result) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	var foreign []string
	for _, file := range result.Files {
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file.Name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !export.Ours(old):
			foreign = append(foreign, file.Name)
		}
	}
	if len(foreign) > 0 {
		return fmt.Errorf("%s has files that this command did not write: %s\nNothing was written. Move them away, or name another directory with --out", dir, strings.Join(foreign, ", "))
	}
	for _, file := range result.Files {
		mode := fs.FileMode(0o644)
		if file.Exec {
			mode = 0o755
		}
		if err := atomicfile.Write(filepath.Join(dir, filepath.FromSlash(file.Name)), file.Data, mode); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	for _, file := range result.Files {
		fmt.Fprintf(&b, "Written: %s\n", file.Name)
	}
	a.out().Say("%s\n%s", b.String(), strings.TrimSuffix(result.Guide, "\n"))
	return nil
}
