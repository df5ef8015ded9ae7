package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/internal/atomicfile"
	"github.com/registrar-sync/registrar/internal/view"
)

type fmtOptions struct {
	check, diff, recursive bool
	files                  []string
}

func (a *app) fmtCommand() *cobra.Command {
	var o fmtOptions
	c := a.command(&cobra.Command{
		Use:   "fmt [--check] [--diff] [--recursive] [FILE…]",
		Short: "Write the configuration's files in the canonical layout",
		Long: `Rewrites the files given, or all *.hcl files of the directory, in the canonical
layout, and lists those that it changed. With --check nothing is written, and
files that would change end the command with 1. --diff shows what changes, but
not in files of variables' values, which may be secret. --recursive takes the
files of all sub-directories, too, such as those of modules.`,
		Args: cobra.ArbitraryArgs,
	}, func(_ context.Context, args []string) error {
		o.files = args
		return a.format(o)
	})
	c.Flags().BoolVar(&o.check, "check", false, "write nothing; exit with 1 if a file would change")
	c.Flags().BoolVar(&o.diff, "diff", false, "show what changes")
	c.Flags().BoolVar(&o.recursive, "recursive", false, "without files: those of sub-directories, too")
	return c
}

func (a *app) format(o fmtOptions) error {
	names := o.files
	if len(names) == 0 {
		var err error
		if names, err = a.configurationFiles(o.recursive); err != nil {
			return err
		}
	}
	a.files = map[string][]byte{}
	var diags config.Diagnostics
	var failed error
	changed := 0
	for _, name := range names {
		different, found, err := a.formatFile(name, o)
		diags = append(diags, found...)
		failed = errors.Join(failed, err)
		if different {
			changed++
		}
	}
	if err := errors.Join(diags.Err(), failed); err != nil {
		return err
	}
	if o.check && changed > 0 {
		return codeError(exitError)
	}
	return nil
}

// configurationFiles lists what Load would read of a directory, in its order, and, if
// recursive, of all those below it.
func (a *app) configurationFiles(recursive bool) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(a.dir()), ".", func(name string, entry fs.DirEntry, err error) error {
		ignored := strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "#")
		switch {
		case err != nil:
			return err
		case name == ".":
		case entry.IsDir() && (ignored || !recursive):
			return fs.SkipDir
		case !entry.IsDir() && !ignored && strings.HasSuffix(name, ".hcl"):
			names = append(names, filepath.FromSlash(name))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the configuration's files: %w", err)
	}
	return names, nil
}

func (a *app) formatFile(name string, o fmtOptions) (changed bool, diags config.Diagnostics, err error) {
	// A link stays one: what it points to is rewritten.
	path, err := filepath.EvalSymlinks(a.path(name))
	if err != nil {
		return false, nil, fmt.Errorf("format %s: %w", name, err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return false, nil, fmt.Errorf("format %s: %w", name, err)
	}
	shown := filepath.ToSlash(name)
	secret := holdsValues(name, src)
	if !secret {
		// As the diagnostics' places count it.
		a.files[shown] = bytes.ReplaceAll(bytes.TrimPrefix(src, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	}
	out, diags := hcl.Format(src, shown)
	if diags.HasErrors() || bytes.Equal(src, out) {
		return false, diags, nil
	}
	fmt.Fprintln(a.out().Writer(), view.OneLine(name))
	switch {
	case !o.diff:
	case secret:
		fmt.Fprintln(a.out().Writer(), "(its diff is not shown: it holds values of variables, which may be secret)")
	default:
		fmt.Fprint(a.out().Writer(), view.Clean(string(diff.Diff("a/"+shown, src, "b/"+shown, out))))
	}
	if o.check {
		return true, diags, nil
	}
	info, err := os.Stat(path)
	if err == nil {
		err = atomicfile.Write(path, out, info.Mode().Perm())
	}
	if err != nil {
		return true, diags, fmt.Errorf("format %s: %w", name, err)
	}
	return true, diags, nil
}

// holdsValues reports whether a file gives variables their values, by its name or by
// what is in it: --var-file takes a file of any name.
func holdsValues(name string, src []byte) bool {
	return !strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".vars.hcl") || hcl.HoldsValues(src)
}
