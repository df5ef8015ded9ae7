package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
)

// What of a commit is read to compile the configuration in it.
const (
	maxBaseFiles  = 20_000
	maxBaseOctets = 256 << 20
)

// base is the configuration that the one at hand is compared with.
type base struct {
	*plan.Base
	// unavailable says why there is none to compare with, although the commit is there.
	unavailable string
}

// comparison tells, in a plan that could not be compared, why.
func (b *base) comparison() *plan.Comparison {
	return &plan.Comparison{Ref: b.Ref, Commit: b.Commit, Unavailable: b.unavailable}
}

// compareBase compiles the configuration as it is in a commit of the checkout, with the variables of this command line. It
// reads the data where the configuration at hand, in dir, does. One with mistakes is no error: it is unavailable.
func (a *app) compareBase(ctx context.Context, ref, dir string) (_ *base, err error) {
	commit, err := a.resolve(ctx, ref)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "registrar-base-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the configuration of %s: %w", ref, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &base{Base: &plan.Base{Ref: ref, Commit: commit}}
	err = a.checkOut(ctx, commit, folder)
	if link, ok := errors.AsType[*linkError](err); ok {
		b.unavailable = fmt.Sprintf("the configuration of %s cannot be read here: %s", ref, link)
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %w", ref, err)
	}
	options, err := a.loadOptions()
	if err != nil {
		return nil, err
	}
	options.SkipUndeclared = true // which this command line gives for the other configuration
	if options.VariableFiles, err = a.withUntracked(ctx, options.VariableFiles); err != nil {
		return nil, err
	}
	cfg, diags, err := a.compileIn(folder, options, true)
	if err != nil {
		return nil, err
	}
	cfg.Dir = dir
	if !diags.HasErrors() {
		diags = append(diags, a.restrict(cfg)...)
	}
	if diags.HasErrors() {
		b.unavailable = mistakes(ref, diags)
		return b, nil
	}
	b.Config = cfg
	return b, nil
}

// mistakes names the first mistake of a configuration. What else its diagnostic says may hold values.
func mistakes(ref string, diags config.Diagnostics) string {
	text, more := "", 0
	for _, d := range diags {
		switch {
		case d.Severity != config.Error:
		case text != "":
			more++
		case d.Subject.File == "":
			text = d.Summary
		default:
			text = fmt.Sprintf("%s (%s line %d)", d.Summary, d.Subject.File, d.Subject.Start.Line)
		}
	}
	if more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return fmt.Sprintf("the configuration of %s does not compile here: %s", ref, text)
}

// resolve returns the commit that a ref of the checkout names.
func (a *app) resolve(ctx context.Context, ref string) (string, error) {
	// What is not a ref must not become an option, or more than one argument.
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", fmt.Errorf("--compare-config %q: expected the name of a commit in git, such as origin/main", ref)
	}
	out, err := a.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		failed, ok := errors.AsType[*gitError](err)
		if _, ended := errors.AsType[*exec.ExitError](err); ok && ended && failed.said == "" {
			return "", fmt.Errorf("--compare-config %s: the git checkout has no such commit\nA job's checkout may be shallow: fetch the branch first, as with git fetch origin main.", ref) //nolint:revive,staticcheck // the box's headline and prose
		}
		return "", fmt.Errorf("--compare-config %s: %w%s", ref, err, a.checkoutAdvice(err))
	}
	commit := strings.TrimSpace(string(out))
	if !commitPattern.MatchString(commit) {
		return "", fmt.Errorf("--compare-config %s: git names no commit for it", ref)
	}
	return commit, nil
}

// checkoutAdvice says what to do where git does not read the checkout at all; "" for what git says well enough itself.
func (a *app) checkoutAdvice(err error) string {
	failed, _ := errors.AsType[*gitError](err)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "\nThe other configuration is read with git, which is not installed here, or not in PATH."
	case failed == nil:
		return ""
	case strings.Contains(failed.said, "dubious ownership"):
		return "\nThe checkout is another user's, whom git does not trust. Run registrar as its owner, or trust it: git config --global --add safe.directory " + shell.Quote(a.place())
	case strings.Contains(failed.said, "not a git repository"):
		return "\nExpected the configuration within a git checkout, and " + a.place() + " is in none. Run it in a clone of the repository, not in a copy of its files."
	default:
		return ""
	}
}

// place is where relative paths start, in full.
func (a *app) place() string {
	if path, err := filepath.Abs(a.dir()); err == nil {
		return path
	}
	return a.dir()
}

// linkError: a symbolic link cannot be made here.
type linkError struct {
	name string
	err  error
}

func (e *linkError) Error() string {
	return fmt.Sprintf("the symbolic link %q cannot be made (%s); Windows asks for its developer mode", e.name, errorOf(e.err))
}

func (e *linkError) Unwrap() error { return e.err }

// errorOf takes the paths, which are of a folder that is gone again, off an error of making a link.
func errorOf(err error) error {
	if failed, ok := errors.AsType[*os.LinkError](err); ok {
		return failed.Err
	}
	return providers.BareError(err)
}

// gitError is that git failed, with what it said.
type gitError struct {
	command, said string
	err           error
}

func (e *gitError) Error() string {
	if e.said == "" {
		return fmt.Sprintf("git %s: %s", e.command, e.err)
	}
	return fmt.Sprintf("git %s: %s", e.command, e.said)
}

func (e *gitError) Unwrap() error { return e.err }

func (a *app) gitCommand(ctx context.Context, args ...string) (*exec.Cmd, *bytes.Buffer) {
	git := exec.CommandContext(ctx, "git", args...)
	git.Dir = a.dir()
	git.Env = append(slices.Clone(a.env.Environ), "LC_ALL=C") // what it says is looked at
	said := &bytes.Buffer{}
	git.Stderr = said
	return git, said
}

func (a *app) git(ctx context.Context, args ...string) ([]byte, error) {
	git, said := a.gitCommand(ctx, args...)
	out, err := git.Output()
	if err != nil {
		return nil, &gitError{args[0], strings.TrimSpace(said.String()), err}
	}
	return out, nil
}

// entry is a file or a link of a commit.
type entry struct {
	name   string // within the configuration's directory
	object string
	size   int64
	link   bool
}

// checkOut writes the configuration's directory as it is in a commit into a folder: octets as git has them, without the
// filters and hooks that a checkout runs.
func (a *app) checkOut(ctx context.Context, commit, folder string) (err error) {
	entries, err := a.listTree(ctx, commit)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	git, said := a.gitCommand(ctx, "cat-file", "--batch")
	ask, err := git.StdinPipe()
	if err != nil {
		return err
	}
	answers, err := git.StdoutPipe()
	if err != nil {
		return err
	}
	if err := git.Start(); err != nil {
		return err
	}
	// One question at a time: neither side ever waits for the other to read.
	reader := bufio.NewReader(answers)
	for _, one := range entries {
		if err = writeEntry(root, one, ask, reader); err != nil {
			break
		}
	}
	_ = ask.Close()
	if err != nil {
		cancel()
	}
	if waitErr := git.Wait(); err == nil && waitErr != nil {
		err = &gitError{"cat-file", strings.TrimSpace(said.String()), waitErr}
	}
	return err
}

// listTree lists the files and links of the configuration's directory in a commit.
func (a *app) listTree(ctx context.Context, commit string) ([]entry, error) {
	// Started in the directory, git lists what is in it, with names relative to it.
	out, err := a.git(ctx, "ls-tree", "-r", "-z", "--long", commit)
	if err != nil {
		return nil, err
	}
	var entries []entry
	var octets int64
	for record := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		head, name, found := strings.Cut(record, "\t")
		fields := strings.Fields(head) // mode, type, object, size
		if !found || len(fields) != 4 || fields[1] != "blob" {
			continue // nothing, or a submodule
		}
		// A tree can be made by hand.
		if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("the commit has a file of the impossible name %q", name)
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("git tells no size of %q", name)
		}
		octets += size
		entries = append(entries, entry{name: name, object: fields[2], size: size, link: fields[0] == "120000"})
	}
	if len(entries) > maxBaseFiles || octets > maxBaseOctets {
		return nil, fmt.Errorf("its directory has %d files of %d MiB; at most %d of %d MiB are read", len(entries), octets>>20, maxBaseFiles, maxBaseOctets>>20)
	}
	return entries, nil
}

// writeEntry asks git for an object and writes it. Nothing is written outside of root, whatever links it has.
func writeEntry(root *os.Root, one entry, ask io.Writer, answers *bufio.Reader) error {
	if _, err := fmt.Fprintln(ask, one.object); err != nil {
		return fmt.Errorf("ask git: %w", err)
	}
	head, err := answers.ReadString('\n')
	if err != nil {
		return fmt.Errorf("git's answer: %w", err)
	}
	if want := fmt.Sprintf("%s blob %d\n", one.object, one.size); head != want {
		return fmt.Errorf("git does not give %q: %s", one.name, strings.TrimSpace(head))
	}
	content := io.LimitReader(answers, one.size)
	if err := root.MkdirAll(path.Dir(one.name), 0o700); err != nil {
		return err
	}
	if one.link {
		target, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		if err := root.Symlink(string(target), one.name); errors.Is(err, fs.ErrExist) {
			return err
		} else if err != nil {
			return &linkError{one.name, err}
		}
	} else if err := writeFile(root, one.name, content); err != nil {
		return err
	}
	_, err = answers.Discard(1) // the newline behind each object
	return err
}

func writeFile(root *os.Root, name string, content io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// withUntracked puts the files of variables' values before others that lie in the directory and that git does not have: the
// other configuration is compiled with them, too.
func (a *app) withUntracked(ctx context.Context, files []string) ([]string, error) {
	const pattern = "*.auto.vars.hcl"
	out, err := a.git(ctx, "ls-files", "-z", "--", ":(glob)"+pattern)
	if err != nil {
		return nil, err
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		tracked[name] = true
	}
	entries, err := os.ReadDir(a.dir())
	if err != nil {
		return nil, err
	}
	var untracked []string
	for _, one := range entries {
		if ok, _ := path.Match(pattern, one.Name()); ok && !one.IsDir() && !tracked[one.Name()] {
			untracked = append(untracked, a.path(one.Name()))
		}
	}
	return append(untracked, files...), nil
}
