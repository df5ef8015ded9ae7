package hcl

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// maxModules bounds the instances of module blocks: modules of modules multiply.
const maxModules = 2000

// moduleBlock is a module block.
type moduleBlock struct {
	name  string
	block *hclsyntax.Block
	// module is where the block is written.
	module *compiler

	forEach, dependsOn *hclsyntax.Attribute // nil if not written
	// arguments are those that give variables their values.
	arguments []*hclsyntax.Attribute
	// dir and info are of the directory.
	dir  string
	info fs.FileInfo
	// failed: the directory cannot be used.
	failed    bool
	instances []*moduleInstance
	// expanded: the instances are known.
	expanded bool
	// example is compiled, for the mistakes that it holds, where there is no instance.
	example *compiler
}

// moduleInstance is one of a for_each, or the only one of a block without.
type moduleInstance struct {
	key      string
	scope    scope
	compiler *compiler
}

// moduleArguments are those of every module block; no variable can have such a name.
var moduleArguments = []string{"source", "for_each", "depends_on", "count"}

func (m *moduleBlock) address() string { return m.module.prefix + "module." + m.name }

// compileModules compiles the modules that a module calls, and what they hold.
func (c *compiler) compileModules() {
	for _, b := range c.blocks {
		if b.Type == "module" {
			c.compileModule(c.modules[b.Labels[0]])
		}
	}
}

func (c *compiler) compileModule(m *moduleBlock) {
	source := c.openModule(m)
	if m.failed = source == nil || !c.findModule(m, source); m.failed {
		return
	}
	elements := []element{{scope: scope{ctx: c.base, locals: true}}}
	m.expanded = true
	if m.forEach != nil {
		elements, m.expanded = c.elements(m.forEach)
	}
	for _, e := range elements {
		address := m.address()
		if m.forEach != nil {
			address = fmt.Sprintf("%s[%q]", address, e.key)
		}
		child := c.instantiate(m, c.loading, address)
		if child == nil {
			m.failed = true
			return
		}
		child.giveArguments(m, &e.scope)
		child.build()
		m.instances = append(m.instances, &moduleInstance{key: e.key, scope: e.scope, compiler: child})
	}
	if len(m.instances) == 0 {
		c.exemplify(m)
	}
}

// exemplify compiles a module that has no instance, with variables whose values are
// unknown: its mistakes are reported, and nothing else comes of it.
func (c *compiler) exemplify(m *moduleBlock) {
	apart := *c.loading
	apart.config = &config.Config{Dir: c.config.Dir, Files: c.config.Files, Settings: c.config.Settings}
	child := c.instantiate(m, &apart, m.address()+"[…]")
	if child != nil {
		child.giveArguments(m, nil)
		child.build()
		child.relate()
		child.depend()
		m.example = child
	} else {
		m.failed = true
	}
	c.diags, c.failures = apart.diags, apart.failures
	c.instantiated, c.elementCount = apart.instantiated, apart.elementCount
}

// openModule checks what stands in a module block; nil if it has no source.
func (c *compiler) openModule(m *moduleBlock) *hclsyntax.Attribute {
	var source *hclsyntax.Attribute
	attributes := m.block.Body.Attributes
	s := scope{locals: true, each: attributes["for_each"] != nil}
	for _, name := range names(attributes) {
		a := attributes[name]
		switch name {
		case "source":
			source = a
		case "for_each":
			m.forEach = a
		case "depends_on":
			m.dependsOn = a
		case "count":
			c.errorf(a.NameRange, unsupportedArgument, `A module has no count; name its instances with for_each, as in for_each = toset(["a", "b"]).`)
		default:
			m.arguments = append(m.arguments, a)
			c.check(a.Expr, s)
		}
	}
	for _, inner := range m.block.Body.Blocks {
		c.errorf(inner.TypeRange, unsupportedBlock, "A module block holds arguments only: %q is written with an equals sign, if it is a variable of the module.", inner.Type)
	}
	if source == nil {
		c.errorf(m.block.DefRange(), missingArgument, `A module block needs the argument "source", the directory of the module, such as "./modules/celcat".`)
	}
	return source
}

// findModule finds the directory that source names.
func (c *compiler) findModule(m *moduleBlock, source *hclsyntax.Attribute) bool {
	v, ok := c.eval(source.Expr, scope{constant: true})
	if !ok {
		return false
	}
	at := source.Expr.Range()
	invalid := func(format string, args ...any) bool {
		c.errorf(at, "Invalid module source", format, args...)
		return false
	}
	if v.IsNull() || v.Type() != cty.String {
		return invalid(`"source" must be text, such as "./modules/celcat".`)
	}
	name := v.AsString()
	first, _, _ := strings.Cut(name, "/")
	switch {
	case path.IsAbs(name) || filepath.IsAbs(name):
		return invalid("%q is absolute; a module's source is relative to the directory of the file that it is written in, such as \"./modules/celcat\".", name)
	case first != "." && first != ".." || strings.Contains(name, `\`):
		return invalid("%q is no directory of this configuration; a module's source begins with ./ or ../, and has forward slashes, as in \"./modules/celcat\".", name)
	}
	// Not path.Clean before looking: link/../x is not x where link is a link.
	dir := c.within(name)
	info, err := c.root.Stat(filepath.FromSlash(dir))
	if err != nil {
		return invalid("The directory %q cannot be read: %s.%s", name, c.reason(name, err), c.nearDirectory(dir))
	}
	if !info.IsDir() {
		return invalid("%q is a file; a module is a directory.", name)
	}
	if clean, err := c.root.Stat(filepath.FromSlash(path.Clean(dir))); err == nil && os.SameFile(clean, info) {
		dir = path.Clean(dir)
	}
	m.dir, m.info = dir, info
	way := []string{dirText(dir)}
	for p := c; p != nil; p = p.parent {
		way = append(way, dirText(p.dir))
		if !os.SameFile(p.info, info) {
			continue
		}
		slices.Reverse(way)
		c.errorf(at, "Module includes itself", "A module cannot be part of itself: %s.", strings.Join(way, " -> "))
		return false
	}
	return true
}

func dirText(dir string) string {
	if dir == "." {
		return "the root"
	}
	return dir
}

// nearDirectory suggests a directory beside one that is not there.
func (c *compiler) nearDirectory(dir string) string {
	entries, err := fs.ReadDir(c.root.FS(), path.Dir(path.Clean(dir)))
	if err != nil {
		return ""
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() {
			found = append(found, entry.Name())
		}
	}
	return nearest(path.Base(dir), found)
}

// instantiate parses and declares what a module holds; nil if it holds nothing.
func (c *compiler) instantiate(m *moduleBlock, l *loading, address string) *compiler {
	if l.instantiated++; l.instantiated > maxModules {
		if l.instantiated == maxModules+1 {
			c.report(hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: "Too many modules", Subject: m.block.DefRange().Ptr(),
				Detail: fmt.Sprintf("A configuration may have %d instances of modules, those within modules counted.", maxModules),
			}}, false)
		}
		return nil
	}
	child := newCompiler(l)
	child.dir, child.info, child.parent, child.prefix = m.dir, m.info, c, address+"."
	at := m.block.Body.Attributes["source"].Expr.Range()
	if !child.parse(at) {
		return nil
	}
	for _, name := range child.directories[child.dir].variableFiles {
		child.warnf(at, "File of variables not read", "%s is in a module: values are given to the variables of the root only. A module's are arguments of its block.", name)
	}
	child.declare()
	return child
}

// giveArguments gives a module's variables the values of the block's arguments, which
// are evaluated in s; they are unknown if that is nil.
func (c *compiler) giveArguments(m *moduleBlock, s *scope) {
	for _, name := range names(c.variables) {
		v := c.variables[name]
		c.openVariable(v)
		if slices.Contains(moduleArguments, name) {
			c.errorf(v.block.LabelRanges[0], invalidName, "A variable of a module cannot be named %q: every module block has an argument of that name.", name)
		}
	}
	for _, a := range m.arguments {
		v := c.variables[a.Name]
		switch {
		case v != nil:
			c.giveArgument(m, v, a, s)
		case !c.inBrokenFile(a.Name):
			c.errorf(a.NameRange, unsupportedArgument, "The module in %s has no variable %q.%s", c.dir, a.Name, didYouMean(a.Name, append(names(c.variables), moduleArguments[:3]...)))
		}
	}
	for _, name := range names(c.variables) {
		v := c.variables[name]
		if !v.hasValue {
			c.errorf(m.block.DefRange(), missingArgument, "The module needs the argument %q: the variable of that name (%s) has no default.", name, position(v.block.DefRange()))
		}
		c.completeVariable(v)
	}
	for _, name := range names(c.variables) {
		c.validateVariable(c.variables[name])
	}
}

// giveArgument gives one variable its value. Null counts as left out.
func (c *compiler) giveArgument(m *moduleBlock, v *variable, a *hclsyntax.Attribute, s *scope) {
	value := cty.DynamicVal
	if s != nil {
		value, _ = m.module.eval(a.Expr, *s)
	}
	if bare, _ := value.Unmark(); bare.IsNull() {
		if !v.hasValue {
			c.errorf(a.Expr.Range(), missingArgument, "The module needs the argument %q, and it is null.", v.name)
			c.give(v, cty.DynamicVal, a.Expr.Range(), false)
		}
		return
	}
	c.give(v, value, a.Expr.Range(), false)
}

// children are the modules that a module calls, by name and key.
func (c *compiler) children() []*compiler {
	var out []*compiler
	for _, name := range names(c.modules) {
		for _, one := range c.modules[name].instances {
			out = append(out, one.compiler)
		}
	}
	return out
}
