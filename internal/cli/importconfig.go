package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/scaffold/celcat"
	"github.com/registrar-sync/registrar/scaffold/php"
	"github.com/registrar-sync/registrar/scaffold/unicaen"
)

func (a *app) importConfigCommand() *cobra.Command {
	return group("import-config", "Write a configuration from that of another tool",
		`Writes a configuration from that of another tool. No database is opened, nothing is
evaluated, and passwords are not copied. What could not be taken over is told in
comments.`,
		a.importUnicaenCommand(), a.importCelcatCommand())
}

func (a *app) importUnicaenCommand() *cobra.Command {
	var out string
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "unicaen-db-import FILE.php… [--out DIR]",
		Short: "Write the configuration of UnicaenDbImport",
		Long: `Reads the PHP files of UnicaenDbImport's configuration, the global one and that of
Doctrine's connections, as one, and writes source and destination blocks and a sync
for each import, which plans what the original would do.

The files are read as text and never evaluated: what computes a value, such as
getenv(), is an error that names the line. Queries go to files of their own in
DIR/sql. A file is never overwritten.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("expected the PHP files of the configuration; there are none")
			}
			return nil
		},
	}, func(_ context.Context, args []string) error {
		if err := filled(c, "out"); err != nil {
			return err
		}
		return a.importUnicaen(args, out)
	})
	c.Flags().StringVar(&out, "out", "", "write the files to `DIR`; to standard output without, where it is one file")
	return c
}

func (a *app) importUnicaen(names []string, out string) error {
	var root *php.Value
	var failed error
	for _, name := range names {
		src, err := a.readLimited(name, php.MaxOctets)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		v, err := php.Parse(name, src)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		root = php.Merge(root, v)
	}
	if failed != nil {
		return failed
	}
	result, err := unicaen.Convert(root)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	var order []string
	for _, file := range result.Files {
		files[file.Name] = file.Text
		order = append(order, file.Name)
	}
	if err := a.writeConfiguration(out, order, files); err != nil || out == "" {
		return err
	}
	a.out().Say("%s with %s: %s in %s.", counted(result.Syncs, "sync"), counted(result.Doubts, "doubt"), strings.Join(order, ", "), out)
	for _, variable := range result.Variables {
		a.out().Say("The password in var.%s was not copied: give it as %s in the environment.", variable, "REGISTRAR_VAR_"+variable)
	}
	return nil
}

func (a *app) importCelcatCommand() *cobra.Command {
	var out string
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "celcat CTSyncConfig.xml [--out FILE]",
		Short: "Write a skeleton from the file of CELCAT Synchronisation",
		Long: `Reads the file of CELCAT Synchronisation and writes a skeleton: a commented sync for
each SELECT, with the days, hours and intervals that stand beside it, and everything
else of the file as comments.

The layout of the file is not documented. So the skeleton says what could be told by
content, and what is left to say. What may be a password is masked. A file is never
overwritten.`,
		Args: oneArgument("CTSyncConfig.xml"),
	}, func(_ context.Context, args []string) error {
		if err := filled(c, "out"); err != nil {
			return err
		}
		return a.importCelcat(args[0], out)
	})
	c.Flags().StringVar(&out, "out", "", "write to `FILE`, which must not exist; to standard output without")
	return c
}

func (a *app) importCelcat(name, out string) error {
	src, err := a.readLimited(name, celcat.MaxOctets)
	if err != nil {
		return err
	}
	result, err := celcat.Convert(filepath.Base(name), src)
	if err != nil {
		return err
	}
	dir, file := filepath.Split(out)
	if out == "" {
		file = "celcat.hcl"
	}
	if dir == "" && out != "" {
		dir = "."
	}
	if err := a.writeConfiguration(dir, []string{file}, map[string][]byte{file: result.Text}); err != nil || out == "" {
		return err
	}
	a.out().Say("%s, all commented, in %s; %s masked.", counted(result.Syncs, "sync"), out, counted(result.Masked, "value"))
	return nil
}

// readLimited reads a file of at most so many octets, and one more.
func (a *app) readLimited(name string, most int64) ([]byte, error) {
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(file, most+1))
	return src, errors.Join(err, file.Close())
}

// writeConfiguration writes files into a folder, all or, where one is there already, none; to standard output where dir is "".
func (a *app) writeConfiguration(dir string, names []string, files map[string][]byte) error {
	for _, name := range names {
		if !strings.HasSuffix(name, ".hcl") {
			continue
		}
		text, diags := hcl.Format(files[name], name)
		if diags.HasErrors() {
			a.files = map[string][]byte{name: files[name]}
			return &config.DiagnosticsError{Diagnostics: diags}
		}
		files[name] = text
	}
	if dir == "" {
		if len(names) > 1 {
			return fmt.Errorf("these are %d files, since queries have files of their own: name a directory for them with --out", len(names))
		}
		_, err := a.out().Writer().Write(files[names[0]])
		return err
	}
	root := a.path(dir)
	for _, name := range names {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := absent(path, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("%w\nNothing was written.", err) //nolint:revive,staticcheck // the box's headline and prose
		}
	}
	for _, name := range names {
		if err := create(filepath.Join(root, filepath.FromSlash(name)), files[name]); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Join(dir, name), err)
		}
	}
	return nil
}
