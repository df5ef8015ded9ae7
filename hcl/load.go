// Package hcl is the language: it parses a directory of *.hcl files, evaluates
// and validates them and compiles them to package config. Nothing of HCL leaves it.
//
// Load reports all mistakes of a directory together, each with its place. It opens
// no connection: whether tables and columns exist is found by package plan.
package hcl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/providers"
)

// Options are what a command line adds to the files.
type Options struct {
	// Providers are those whose blocks can be written.
	Providers []providers.Provider
	// Variables are given as --var name=value. A value is taken literally for a
	// variable of type string, number or bool or of no type, and is an HCL
	// expression for any other.
	Variables map[string]string
	// VariableFiles are given as --var-file, in order; relative paths start at the
	// working directory.
	VariableFiles []string
	// Environ is the environment, as os.Environ returns it. Only REGISTRAR_VAR_*
	// is looked at.
	Environ []string
	// Version is this program's, for required_version; a text that is not a
	// version, such as "dev", satisfies every requirement.
	Version string
}

const (
	extension          = ".hcl"
	variablesExtension = ".auto.vars.hcl"
)

// compiler is the state of one Load.
type compiler struct {
	opts   Options
	root   *os.Root
	config *config.Config
	diags  config.Diagnostics
	// failures counts the values that could not be had, so that a block can tell
	// whether it is complete.
	failures int

	// variableFiles are the names of *.auto.vars.hcl, in lexical order.
	variableFiles []string
	// broken holds the text of files with syntax errors.
	broken    []string
	blocks    []*hclsyntax.Block // top-level, in the order of files and places
	functions map[string]function.Function
	checked   map[hclsyntax.Expression]bool
	// base is the evaluation context of every block but variables and locals.
	base *hcl.EvalContext

	variables    map[string]*variable
	locals       map[string]*local
	sources      map[string]*connection // by provider.name
	destinations map[string]*connection
	faculties    map[string]*faculty
	schedules    map[string]*scheduleBlock
	notifiers    map[string]*notifyBlock // by kind.name
	syncs        map[string]*syncBlock
	syncOrder    []*syncBlock
	settings     *hclsyntax.Block
}

// Load compiles the *.hcl files of a directory; its sub-directories are not
// looked at. The configuration is complete unless the diagnostics hold an error;
// its Files are there in any case.
func Load(dir string, opts Options) (*config.Config, config.Diagnostics) {
	c := &compiler{
		opts:         opts,
		config:       &config.Config{Dir: dir, Files: make(map[string][]byte)},
		checked:      make(map[hclsyntax.Expression]bool),
		variables:    make(map[string]*variable),
		locals:       make(map[string]*local),
		sources:      make(map[string]*connection),
		destinations: make(map[string]*connection),
		faculties:    make(map[string]*faculty),
		schedules:    make(map[string]*scheduleBlock),
		notifiers:    make(map[string]*notifyBlock),
		syncs:        make(map[string]*syncBlock),
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable directory", "The configuration directory %q cannot be read: %s.", dir, c.reason(dir, err))
		return c.config, c.diags
	}
	defer root.Close()
	c.root = root
	c.functions = c.library()
	if c.parse() {
		c.compile()
	}
	return c.config, tidy(c.diags)
}

func (c *compiler) compile() {
	c.declare()
	c.giveVariables()
	c.evaluateLocals()
	c.compileSettings()
	for _, b := range c.blocks {
		switch b.Type {
		case "source", "destination":
			c.compileConnection(b)
		case "schedule":
			c.compileSchedule(b)
		case "notify":
			c.compileNotify(b)
		}
	}
	c.compileFaculties()
	c.compileSyncs()
	c.checkOverlap()
	c.orderSyncs()
	c.config.Digest = c.digest()
}

// parse reads the directory's files. It is false if there is nothing to compile.
func (c *compiler) parse() bool {
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable directory", "The configuration directory %q cannot be read: %s.", c.config.Dir, c.reason(c.config.Dir, err))
		return false
	}
	found := false
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case entry.IsDir() || isIgnored(name) || c.isVariableFile(name):
		case strings.HasSuffix(name, variablesExtension):
			c.variableFiles = append(c.variableFiles, name)
		case strings.HasSuffix(name, extension):
			found = true
			c.parseFile(name)
		}
	}
	if !found {
		c.errorf(hcl.Range{}, "No configuration files", "The directory %q holds no file whose name ends in %s.", c.config.Dir, extension)
	}
	return found
}

// isVariableFile reports whether a file of the directory was given as --var-file: it
// holds values, which no message may quote, and no configuration.
func (c *compiler) isVariableFile(name string) bool {
	info, err := os.Stat(filepath.Join(c.config.Dir, name))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(c.opts.VariableFiles, func(given string) bool {
		other, err := os.Stat(given)
		return err == nil && os.SameFile(info, other)
	})
}

// isIgnored tells the files that editors leave behind.
func isIgnored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#")
}

func (c *compiler) parseFile(name string) {
	src, err := readWithin(c.root, name)
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable file", "The file %q cannot be read: %s.", name, c.reason(name, err))
		return
	}
	src = unixLines(src)
	c.config.Files[name] = src
	if d := tooComplex(src, name); d != nil {
		c.report(hcl.Diagnostics{d}, false)
		c.broken = append(c.broken, string(src))
		return
	}
	file, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	c.report(diags, false)
	if diags.HasErrors() {
		c.broken = append(c.broken, string(src))
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return
	}
	for _, attribute := range names(body.Attributes) {
		c.errorf(body.Attributes[attribute].NameRange, unsupportedArgument, "An argument stands within a block; %q stands outside of all.%s", attribute, asVariable(attribute))
	}
	c.blocks = append(c.blocks, body.Blocks...)
}

// asVariable is for files of variables under another name.
func asVariable(name string) string {
	if best := suggest.Closest(name, blockTypes()); best != "" {
		return didYouMean(name, []string{best})
	}
	return fmt.Sprintf(" If it gives a variable its value, the file's name must end in %s.", variablesExtension)
}

// reason says why a file cannot be read, without repeating its name.
func (c *compiler) reason(name string, err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case errors.As(err, &path):
		if strings.Contains(path.Err.Error(), "escapes") {
			return "it lies outside of the configuration's directory"
		}
		return path.Err.Error()
	case !utf8.ValidString(name):
		return "its name is not UTF-8"
	default:
		return err.Error()
	}
}
