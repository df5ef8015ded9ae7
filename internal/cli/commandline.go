package cli

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/internal/shell"
)

// program begins a command line that does, wherever it is read, what it would do here: with the configuration's
// directory and variables. Values of sensitive variables are left out, as are those of the environment.
func (a *app) program() string {
	words := a.programWords()
	if runtime.GOOS == "windows" {
		return shell.LineWindows(words)
	}
	return shell.Line(words)
}

func (a *app) programWords() []string {
	dir, err := filepath.Abs(a.dir())
	if err != nil {
		dir = a.dir() // then it cannot be told
	}
	return append([]string{"registrar", "--chdir", dir}, a.scheduledFlags(a.rootVariables())...)
}

// quote writes a word of a command line for the system's shell.
func quote(word string) string {
	if runtime.GOOS == "windows" {
		return shell.QuoteWindows(word)
	}
	return shell.Quote(word)
}

// scheduledFlags are this command line's own flags that another one needs, too. Sensitive values are left out: whoever
// may read the scheduler's files, or a message, would know them.
func (a *app) scheduledFlags(variables []rootVariable) []string {
	var out []string
	for _, file := range a.global.variableFiles {
		out = append(out, "--var-file", file) // where relative, it starts in --chdir there as here
	}
	if name := a.policyFile(); name != "" {
		out = append(out, "--policy", name)
	}
	for _, one := range a.global.variables {
		name, _, _ := strings.Cut(one, "=")
		if !slices.ContainsFunc(variables, func(v rootVariable) bool { return v.name == name && v.sensitive }) {
			out = append(out, "--var", one)
		}
	}
	return out
}

// rootVariable is a variable of the configuration that comes from outside of it.
type rootVariable struct {
	name                  string
	sensitive, hasDefault bool
}

func (a *app) rootVariables() []rootVariable {
	var out []rootVariable
	for name, text := range a.files {
		if strings.Contains(name, "/") || filepath.Ext(name) != ".hcl" {
			continue // a module's are given by its block
		}
		file, _ := hclsyntax.ParseConfig(text, name, hcl.InitialPos) // which has been compiled
		body, ok := file.Body.(*hclsyntax.Body)
		if !ok {
			continue
		}
		for _, block := range body.Blocks {
			if block.Type != "variable" || len(block.Labels) != 1 {
				continue
			}
			v := rootVariable{name: block.Labels[0], hasDefault: block.Body.Attributes["default"] != nil}
			if attribute := block.Body.Attributes["sensitive"]; attribute != nil {
				value, diags := attribute.Expr.Value(nil)
				// In doubt it is.
				v.sensitive = diags.HasErrors() || !value.RawEquals(cty.False)
			}
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b rootVariable) int { return strings.Compare(a.name, b.name) })
	return out
}
