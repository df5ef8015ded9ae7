package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/registrar-sync/registrar/internal/atomicfile"
)

func (a *app) manCommand() *cobra.Command {
	var c *cobra.Command
	c = a.command(&cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages",
		Long: `Writes a manual page for every command into the folder DIR, which is made if there
is none: registrar.1, the overview, registrar-plan.1 and so on. They say what --help
says. Where DIR is man1 of a folder in man's path, man registrar-plan shows one.

Their date is that of $SOURCE_DATE_EPOCH, in seconds since 1970, or that of the
program's commit: the same program writes the same pages.`,
		Args: oneArgument("DIR, the folder to write to"),
	}, func(_ context.Context, args []string) error { return a.man(c.Root(), a.path(args[0])) })
	return c
}

func (a *app) man(root *cobra.Command, dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file: expected a folder to write to", dir)
	}
	on, err := a.manDate()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // manual pages are for everybody
		return fmt.Errorf("make the folder: %w", err)
	}
	pages := commandTree(root)
	for _, c := range pages {
		page := manual{version: a.build().Version, date: on.Format(time.DateOnly)}
		page.write(c, pages)
		if err := atomicfile.Write(filepath.Join(dir, pageName(c)+".1"), []byte(page.text.String()), 0o644); err != nil {
			return fmt.Errorf("write a manual page: %w", err)
		}
	}
	a.out().Say("Wrote %d manual pages to %s.", len(pages), dir)
	return nil
}

// commandTree lists the commands that have a page, parents first.
func commandTree(c *cobra.Command) []*cobra.Command {
	pages := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			pages = append(pages, commandTree(sub)...)
		}
	}
	return pages
}

// manDate is that of the build, so that pages differ only if the program does.
func (a *app) manDate() (time.Time, error) {
	const variable = "SOURCE_DATE_EPOCH"
	if text := a.environ(variable); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds < 0 {
			return time.Time{}, errors.New(variable + ": expected seconds since 1970")
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if on, err := time.Parse(time.RFC3339, s.Value); err == nil && s.Key == "vcs.time" {
				return on.UTC(), nil
			}
		}
	}
	return a.env.Now().UTC(), nil
}

// manual is a page in the language of troff, with its macros for manual pages.
type manual struct {
	version, date string
	text          strings.Builder
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

func (m *manual) write(c *cobra.Command, pages []*cobra.Command) {
	m.request(`.TH "%s" "1" "%s" "registrar %s" "registrar"`, strings.ToUpper(pageName(c)), m.date, m.version)
	m.section("NAME")
	m.line("%s \\- %s", troff(pageName(c)), troff(c.Short))
	m.section("SYNOPSIS")
	usage := c.UseLine()
	if c == c.Root() {
		usage += " COMMAND"
	}
	m.line("\\fB%s\\fR%s", troff(c.CommandPath()), troff(strings.TrimPrefix(usage, c.CommandPath())))
	m.section("DESCRIPTION")
	m.prose(c.Long)
	if c.Long == "" {
		m.prose(c.Short + ".")
	}
	if commands := children(c, pages); len(commands) > 0 {
		m.section("COMMANDS")
		for _, sub := range commands {
			m.entry("\\fB"+troff(pageName(sub))+"\\fR(1)", sub.Short)
		}
	}
	title := "OPTIONS"
	flags := c.LocalFlags()
	if c == c.Root() {
		title = "GLOBAL OPTIONS"
		flags = c.PersistentFlags()
	}
	m.options(title, flags)
	if c == c.Root() {
		m.overview()
	} else {
		m.section("GLOBAL OPTIONS")
		m.prose("Those that every command takes, the exit codes and the environment are described in registrar(1).")
	}
	m.seeAlso(c)
}

// children are the commands that a command holds.
func children(c *cobra.Command, pages []*cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(pages), func(sub *cobra.Command) bool { return sub.Parent() != c })
}

func (m *manual) options(title string, flags *pflag.FlagSet) {
	begun := false
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		if !begun {
			begun = true
			m.section(title)
		}
		name, usage := pflag.UnquoteUsage(f)
		term := "\\fB" + troff("--"+f.Name) + "\\fR"
		if f.Shorthand != "" {
			term = "\\fB" + troff("-"+f.Shorthand) + "\\fR, " + term
		}
		if name != "" {
			term += " \\fI" + troff(name) + "\\fR"
		}
		if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, f.DefValue) {
			usage += " (default " + f.DefValue + ")"
		}
		m.entry(term, usage)
	})
}

// overview is what holds for every command.
func (m *manual) overview() {
	m.section("EXIT STATUS")
	for _, one := range [][2]string{
		{"0", "done"},
		{strconv.Itoa(exitError), "an error; an answer that is not yes; a file that would change, a problem found, a run that failed"},
		{strconv.Itoa(exitChanges), "only with --detailed-exitcode: there is something to do, or there are warnings"},
		{strconv.Itoa(exitHeld), "a guard, a check, a policy or a missing approval holds the plan or a part of it"},
	} {
		m.entry("\\fB"+one[0]+"\\fR", one[1])
	}
	m.section("ENVIRONMENT")
	for _, one := range [][2]string{
		{automationVariable, "set to anything: a pipeline runs the program, nobody is asked, and nothing masked is shown"},
		{policyVariable, "the file of the operator's policy, where --policy names none"},
		{signKeyVariable, "the file of the private key that signs, where --sign-key names none"},
		{identityVariable, "the file of age identities that decrypt plan files, where --identity names none"},
		{stateVariable, "where the service remembers slots and runs, where --state names nothing"},
		{tokenVariable, "the token that the service's page asks for, where --token-file names none"},
		{"NO_COLOR", "set to anything: no colours, as with TERM=dumb"},
		{"SOURCE_DATE_EPOCH", "the date of manual pages, in seconds since 1970"},
	} {
		m.entry("\\fB"+troff(one[0])+"\\fR", one[1])
	}
	m.section("FILES")
	m.entry("\\fB*.hcl\\fR", "the configuration: those of the working directory, or of that which --chdir names")
}

func (m *manual) seeAlso(c *cobra.Command) {
	var others []string
	if c.HasParent() {
		for up := c.Parent(); up != nil; up = up.Parent() {
			others = append(others, pageName(up))
		}
		for _, sibling := range c.Parent().Commands() {
			if sibling != c && c.Parent() != c.Root() && sibling.IsAvailableCommand() {
				others = append(others, pageName(sibling))
			}
		}
	} else {
		others = []string{"registrar-plan", "registrar-apply"}
	}
	slices.Sort(others)
	for i := range others {
		others[i] = "\\fB" + troff(others[i]) + "\\fR(1)"
	}
	m.section("SEE ALSO")
	m.line("%s", strings.Join(others, ", "))
}

func (m *manual) section(title string) { m.request(".SH %s", title) }

// entry is a term and what it means.
func (m *manual) entry(term, meaning string) {
	m.request(".TP")
	m.line("%s", term)
	m.line("%s", troff(meaning))
}

// prose writes paragraphs; lines that begin with a blank are laid out already.
func (m *manual) prose(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			m.request(".PP")
		}
		example := false
		for line := range strings.Lines(paragraph) {
			line = strings.TrimRight(line, "\n")
			if indented := strings.HasPrefix(line, " "); indented != example {
				example = indented
				m.request("%s", map[bool]string{true: ".nf", false: ".fi"}[indented])
			}
			m.line("%s", troff(line))
		}
		if example {
			m.request(".fi")
		}
	}
}

// request writes a line that is an order to troff.
func (m *manual) request(format string, args ...any) {
	fmt.Fprintf(&m.text, format+"\n", args...)
}

// line writes a line of text, which may begin with what would be an order.
func (m *manual) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	m.text.WriteString(text + "\n")
}

// troff escapes text: hyphens that can be typed again, and characters by their numbers, which every troff knows.
func troff(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			out.WriteString(`\e`)
		case r == '-':
			out.WriteString(`\-`)
		case r < 0x80:
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, `\[u%04X]`, r)
		}
	}
	return out.String()
}
