package hcl

import (
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/registrar-sync/registrar/hcl/rowexpr"
)

// nowMarker is what now() returns: it stands for the instant of the apply, so
// nothing can be computed from it.
type nowMarker struct{}

var nowType = cty.Capsule("the instant of the apply", reflect.TypeFor[nowMarker]())

func nowFunction() function.Function {
	return function.New(&function.Spec{
		Type: function.StaticReturnType(nowType),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
			return cty.CapsuleVal(nowType, &nowMarker{}), nil
		},
	})
}

// library returns the functions that every expression may call.
func (c *compiler) library() map[string]function.Function {
	functions := rowexpr.Functions()
	functions["file"] = c.fileFunction()
	return functions
}

// fileFunction returns file(path): the text of a file, relative to the module's directory
// and within the configuration's root, which becomes part of the configuration.
func (c *compiler) fileFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := c.file(args[0].AsString())
			if err != nil {
				return cty.UnknownVal(cty.String), function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func (c *compiler) file(name string) (string, error) {
	if path.IsAbs(name) || filepath.IsAbs(name) {
		return "", fmt.Errorf("%q is absolute; paths are relative to the directory of the file they are written in", name)
	}
	if c.isVariableFile(name) {
		return "", fmt.Errorf("%q was given as --var-file: its values belong to variables", name)
	}
	// Not path.Clean before opening: link/../x is not x where link is a link.
	content, err := readWithin(c.root, filepath.FromSlash(c.within(name)))
	if err != nil {
		return "", fmt.Errorf("cannot read %q: %s", name, c.reason(name, err))
	}
	content = unixLines(content)
	if !utf8.Valid(content) {
		return "", fmt.Errorf("%q is not UTF-8 text", name)
	}
	if !c.takeFile(path.Clean(filepath.ToSlash(c.within(name))), content) {
		return "", fmt.Errorf("cannot read %q: %w", name, errAllTooLarge)
	}
	return string(content), nil
}
