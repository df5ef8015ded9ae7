package cli

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/registrar-sync/registrar/config"
)

// completeValues lets a shell complete the values of options and arguments, as far as files tell them: nothing is connected to, and
// what cannot be told, be it for a mistake in the configuration, is not offered.
func (a *app) completeValues(c *cobra.Command) {
	if complete := a.completeArguments(c); complete != nil && c.ValidArgsFunction == nil {
		c.ValidArgsFunction = begun(complete)
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if complete := a.completeFlag(c, f); complete != nil {
			// The error is that there is one already, which its command knows better.
			_ = c.RegisterFlagCompletionFunc(f.Name, begun(complete))
		}
	})
	for _, sub := range c.Commands() {
		a.completeValues(sub)
	}
}

// begun offers what begins with what was typed, which not every shell looks after.
func begun(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		all, directive := complete(c, args, typed)
		if directive&(cobra.ShellCompDirectiveFilterFileExt|cobra.ShellCompDirectiveFilterDirs) != 0 {
			return all, directive
		}
		return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return !strings.HasPrefix(one, typed) }), directive
	}
}

// values offers what a configuration has of something.
func (a *app) values(of func(cfg *config.Config) []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return slices.DeleteFunc(a.known(of), func(one string) bool { return slices.Contains(args, one) }), cobra.ShellCompDirectiveNoFileComp
	}
}

// known lists what the configuration has of something, nothing where it has a mistake.
func (a *app) known(of func(cfg *config.Config) []string) []string {
	a.quiet = true
	cfg, diags, err := a.compile()
	if err != nil || diags.HasErrors() {
		return nil
	}
	var all []string
	for _, one := range of(cfg) {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

// first completes the first argument only.
func first(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(c, args, typed)
	}
}

// completeArguments completes what a command takes beside its options; nil for files.
func (a *app) completeArguments(c *cobra.Command) cobra.CompletionFunc {
	_, usage, _ := strings.Cut(c.Use, " ")
	switch word, _, _ := strings.Cut(strings.TrimLeft(usage, "["), " "); {
	case !c.HasParent():
		return nil // its commands
	case word == "SYNC" && !strings.Contains(usage, "SYNC…"):
		return first(a.values(syncAddresses))
	case strings.HasPrefix(word, "SYNC"):
		return a.values(syncAddresses)
	case c.Name() == "doctor":
		return a.values(connectionAddresses)
	case c.CommandPath() == "registrar schedule test":
		return first(a.values(scheduleAddresses))
	case c.CommandPath() == "registrar notify test":
		return first(a.values(notifierAddresses))
	case c.Name() == "demo":
		return first(a.completeExamples)
	case c.Name() == "fmt":
		return cobra.FixedCompletions([]string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt)
	case word == "DIR":
		return first(cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
	case takesFile(usage):
		return nil
	}
	return cobra.NoFileCompletions
}

// takesFile reports whether an argument may be a file.
func takesFile(usage string) bool {
	for {
		before, option, found := strings.Cut(usage, "[--")
		if !found {
			break
		}
		_, after, _ := strings.Cut(option, "]")
		usage = before + after
	}
	words := strings.FieldsFunc(usage, func(r rune) bool { return strings.ContainsRune(" []()|…", r) })
	for i, word := range words {
		option := i > 0 && strings.HasPrefix(words[i-1], "--")
		if !option && (strings.HasPrefix(word, "FILE") || slices.Contains([]string{"PLAN", "MANIFEST", "CONFIRMATION"}, word)) {
			return true
		}
	}
	return false
}

func (a *app) completeExamples(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if a.env.Examples != nil {
		folders, _ := fs.ReadDir(a.env.Examples, ".")
		for _, one := range folders {
			if one.IsDir() {
				names = append(names, one.Name())
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeFlag completes an option's value; nil for files, and for options without a value.
func (a *app) completeFlag(c *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	what, usage := pflag.UnquoteUsage(f)
	switch {
	case f.Value.Type() == "bool":
		return nil
	case f.Name == "sync" || f.Name == "target":
		return a.values(syncAddresses)
	case f.Name == "schedule":
		return a.values(scheduleAddresses)
	case f.Name == "faculty" && what == "ID": // of a bundle, which is not asked
		return cobra.NoFileCompletions
	case f.Name == "faculty":
		return a.values(facultyLabels)
	case c.Name() == "scaffold" && f.Name == "from":
		return a.behind(sourceAddresses)
	case c.Name() == "scaffold" && f.Name == "to":
		return a.behind(destinationAddresses)
	case f.Name == "var":
		return a.completeVariables
	case what == "FORMAT" || what == "LEVEL":
		return cobra.FixedCompletions(listed(usage), cobra.ShellCompDirectiveNoFileComp)
	case what == "DIR":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case slices.Contains([]string{"FILE", "STATE", "PATH", "MANIFEST", "RECIPIENT"}, what):
		return nil
	}
	return cobra.NoFileCompletions
}

// listed are the values that an option's description ends with: "write as FORMAT: text, json (default text)".
func listed(usage string) []string {
	_, list, found := strings.Cut(usage, ": ")
	if !found {
		return nil
	}
	list, _, _ = strings.Cut(list, " (")
	return strings.Split(strings.ReplaceAll(list, " or ", ", "), ", ")
}

// behind offers addresses behind which more is to be typed.
func (a *app) behind(of func(cfg *config.Config) []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		all := a.known(of)
		for i := range all {
			all[i] += "."
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeVariables offers the names of the configuration's variables.
func (a *app) completeVariables(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	a.known(func(*config.Config) []string { return nil }) // which reads the files, with and without mistakes
	var names []string
	for _, v := range a.rootVariables() {
		names = append(names, v.name+"=")
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// syncAddresses are those of syncs, and of their instances.
func syncAddresses(cfg *config.Config) []string {
	var all []string
	for _, s := range cfg.Syncs {
		if block := s.Address[:len(s.Address)-len(instanceKey(s.Address))]; block != s.Address {
			all = append(all, block)
		}
		all = append(all, s.Address)
	}
	return all
}

// instanceKey is the end of an instance's address, such as ["hss"]; "" for a sync without instances.
func instanceKey(address string) string {
	if i := strings.LastIndexByte(address, '['); i >= 0 && strings.HasSuffix(address, "]") {
		return address[i:]
	}
	return ""
}

func scheduleAddresses(cfg *config.Config) []string {
	return each(cfg.Schedules, func(s *config.Schedule) string { return s.Address })
}

func facultyLabels(cfg *config.Config) []string {
	return each(cfg.Faculties, func(f *config.Faculty) string { return f.Label })
}

func notifierAddresses(cfg *config.Config) []string {
	return each(cfg.Notifiers, func(n *config.Notifier) string { return n.Address })
}

func sourceAddresses(cfg *config.Config) []string {
	return each(cfg.Sources, func(c *config.Connection) string { return c.Address })
}

func destinationAddresses(cfg *config.Config) []string {
	return each(cfg.Destinations, func(c *config.Connection) string { return c.Address })
}

func connectionAddresses(cfg *config.Config) []string {
	return slices.Concat(sourceAddresses(cfg), destinationAddresses(cfg))
}

func each[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = name(list[i])
	}
	return names
}
