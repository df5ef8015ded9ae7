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
	// Untrusted: the files are a stranger's, as those of a merge request are. A value that comes from
	// outside of the directory is sensitive then, whatever the files say of its variable, but for the variables that
	// PublicVariables names.
	Untrusted       bool
	PublicVariables []string
	// SkipUndeclared leaves out values that are given to variables that the files do not declare.
	SkipUndeclared bool
}

const (
	extension          = ".hcl"
	variablesExtension = ".auto.vars.hcl"
)

// loading is what all modules of one Load share.
type loading struct {
	opts   Options
	root   *os.Root
	config *config.Config
	diags  config.Diagnostics
	// failures counts the values that could not be had, so that a block can tell
	// whether it is complete.
	failures int
	checked  map[hclsyntax.Expression]bool
	// directories are parsed once, however many modules are made of them.
	directories map[string]*moduleDir
	// instantiated counts the instances of module blocks.
	instantiated int
	// elementCount counts the elements of all for_each.
	elementCount int
	// octets and wordCount are those of all files.
	octets, wordCount int

	// guard is that of the registrar block, which is the root's.
	guard guardArguments
	// maskAll is what the registrar block says of syncs for which nothing else is said.
	maskAll bool
	// masks are the defaults of the syncs into a destination, where its block says something.
	masks map[*config.Connection]bool
}

// compiler is the state of one module: of the root, or of an instance of a module block.
type compiler struct {
	*loading
	// dir is relative to the root, with forward slashes; "." is the root.
	dir string
	// prefix begins the addresses of what the module declares: `module.x["k"].`, "" in the root.
	prefix string
	// parent is the module whose block this one is of, nil for the root.
	parent *compiler
	info   fs.FileInfo // of dir

	// broken holds the text of files with syntax errors.
	broken    []string
	blocks    []*hclsyntax.Block // top-level, in the order of files and places
	functions map[string]function.Function
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
	checks       map[string]*hclsyntax.Block
	observers    map[string]*hclsyntax.Block
	policies     map[string]*hclsyntax.Block
	modules      map[string]*moduleBlock
	settings     *hclsyntax.Block
}

func newCompiler(l *loading) *compiler {
	c := &compiler{
		loading:      l,
		variables:    make(map[string]*variable),
		locals:       make(map[string]*local),
		sources:      make(map[string]*connection),
		destinations: make(map[string]*connection),
		faculties:    make(map[string]*faculty),
		schedules:    make(map[string]*scheduleBlock),
		notifiers:    make(map[string]*notifyBlock),
		syncs:        make(map[string]*syncBlock),
		checks:       make(map[string]*hclsyntax.Block),
		observers:    make(map[string]*hclsyntax.Block),
		policies:     make(map[string]*hclsyntax.Block),
		modules:      make(map[string]*moduleBlock),
	}
	c.functions = c.library()
	return c
}

// Load compiles the *.hcl files of a directory; its sub-directories are not
// looked at. The configuration is complete unless the diagnostics hold an error;
// its Files are there in any case.
func Load(dir string, opts Options) (*config.Config, config.Diagnostics) {
	l := &loading{
		opts:        opts,
		config:      &config.Config{Dir: dir, Files: make(map[string][]byte)},
		checked:     make(map[hclsyntax.Expression]bool),
		directories: make(map[string]*moduleDir),
		masks:       make(map[*config.Connection]bool),
	}
	c := newCompiler(l)
	c.dir = "."
	root, err := os.OpenRoot(dir)
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable directory", "The configuration directory %q cannot be read: %s.", dir, c.reason(dir, err))
		return c.config, c.diags
	}
	defer root.Close()
	l.root = root
	if c.info, err = root.Stat("."); err != nil {
		c.errorf(hcl.Range{}, "Unreadable directory", "The configuration directory %q cannot be read: %s.", dir, c.reason(dir, err))
		return c.config, c.diags
	}
	if c.parse(hcl.Range{}) {
		c.compile()
	}
	return c.config, tidy(c.diags)
}

func (c *compiler) compile() {
	c.declare()
	c.giveVariables()
	c.build()
	c.relate()
	c.composeMoves()
	c.depend()
	c.checkOverlap()
	c.orderSyncs()
	c.config.Digest = c.digest()
}

// build compiles what a module declares, once its variables have values.
func (c *compiler) build() {
	c.evaluateLocals()
	if c.parent == nil {
		c.compileSettings()
	}
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
	c.compileModules()
}

// relate compiles the blocks that refer to syncs, of a module and of those within it:
// the syncs of all of them are there by now.
func (c *compiler) relate() {
	c.compileMoves()
	c.compileChecks()
	c.compileObservers()
	c.compilePolicies()
	for _, child := range c.children() {
		child.relate()
	}
}

// moduleDir is what the files of one directory hold.
type moduleDir struct {
	blocks []*hclsyntax.Block
	// broken holds the text of files with syntax errors.
	broken []string
	// variableFiles are the names of *.auto.vars.hcl, in lexical order.
	variableFiles []string
	// found: there is a file of configuration.
	found bool
}

// parse reads the files of the module's directory, unless another module of the same
// directory has done so. It is false if there is nothing to compile; at is where the
// directory is named.
func (c *compiler) parse(at hcl.Range) bool {
	d := c.directories[c.dir]
	if d == nil {
		entries, err := fs.ReadDir(c.root.FS(), c.dir)
		if err != nil {
			c.errorf(at, "Unreadable directory", "The directory %q cannot be read: %s.", c.dirName(), c.reason(c.dir, err))
			return false
		}
		d = &moduleDir{}
		for _, entry := range entries {
			name := entry.Name()
			switch {
			case entry.IsDir() || isIgnored(name) || c.isVariableFile(name):
			case strings.HasSuffix(name, variablesExtension):
				d.variableFiles = append(d.variableFiles, c.within(name))
			case strings.HasSuffix(name, extension):
				d.found = true
				c.parseFile(d, c.within(name))
			}
		}
		if !d.found {
			c.errorf(at, "No configuration files", "The directory %q holds no file whose name ends in %s.", c.dirName(), extension)
		}
		c.directories[c.dir] = d
	}
	c.blocks, c.broken = slices.Clone(d.blocks), d.broken
	return d.found
}

// within is a path that is relative to the module's directory, relative to the root.
func (c *compiler) within(name string) string {
	if c.dir == "." {
		return name
	}
	return c.dir + "/" + name
}

// dirName names the module's directory in messages.
func (c *compiler) dirName() string {
	if c.dir == "." {
		return c.config.Dir
	}
	return c.dir
}

// isVariableFile reports whether a file of the directory was given as --var-file: it
// holds values, which no message may quote, and no configuration.
func (c *compiler) isVariableFile(name string) bool {
	info, err := os.Stat(filepath.Join(c.config.Dir, filepath.FromSlash(c.within(name))))
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

func (c *compiler) parseFile(d *moduleDir, name string) {
	src, err := readWithin(c.root, filepath.FromSlash(name))
	if err != nil {
		c.errorf(hcl.Range{}, "Unreadable file", "The file %q cannot be read: %s.", name, c.reason(name, err))
		return
	}
	src = unixLines(src)
	if !c.takeFile(name, src) {
		c.errorf(hcl.Range{}, "Unreadable file", "The file %q cannot be read: %s.", name, errAllTooLarge)
		return
	}
	diag := tooComplex(src, name)
	if c.wordCount += wordsOf(src); diag == nil && c.wordCount > maxWords {
		diag = &hcl.Diagnostic{Severity: hcl.DiagError, Summary: expressionTooComplex, Detail: fmt.Sprintf("The files of a configuration may hold %d words and signs; %q goes beyond.", maxWords, name)}
	}
	if diag != nil {
		c.report(hcl.Diagnostics{diag}, false)
		d.broken = append(d.broken, string(src))
		return
	}
	file, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	c.report(diags, false)
	if diags.HasErrors() {
		d.broken = append(d.broken, string(src))
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return
	}
	for _, attribute := range names(body.Attributes) {
		c.errorf(body.Attributes[attribute].NameRange, unsupportedArgument, "An argument stands within a block; %q stands outside of all.%s", attribute, asVariable(attribute))
	}
	c.report(bound(body), false)
	d.blocks = append(d.blocks, body.Blocks...)
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
