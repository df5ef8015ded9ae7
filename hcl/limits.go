package hcl

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A merge request's configuration is a stranger's. HCL's parser and evaluator
// recurse, and an exhausted stack ends the process: these bounds are far above
// what anybody writes and far below what exhausts it.
const (
	maxFileSize  = 4 << 20 // bytes
	maxDepth     = 200     // brackets within brackets
	maxOperators = 2000    // operators in one expression, per level of brackets
)

var (
	errTooLarge   = fmt.Errorf("it is larger than %d MiB", maxFileSize>>20)
	errNotRegular = errors.New("it is not a regular file")
)

// readWithin reads a regular file that lies within root, symbolic links included.
func readWithin(root *os.Root, name string) ([]byte, error) {
	// Opening a pipe would wait for its writer.
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return readLimited(file)
}

func readLimited(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFileSize {
		return nil, errTooLarge
	}
	return content, nil
}

// tooComplex returns a diagnostic for text whose nesting would exhaust the stack.
func tooComplex(src []byte, filename string) *hcl.Diagnostic {
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	type level struct {
		open      hclsyntax.TokenType
		operators int
	}
	stack := []level{{}}
	for _, token := range tokens {
		top := &stack[len(stack)-1]
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			// A bracket is an operator too: a[0][0][0]…
			top.operators++
			stack = append(stack, level{open: token.Type})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen,
			hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case hclsyntax.TokenComma:
			top.operators = 0
		case hclsyntax.TokenNewline:
			if top.open == 0 || top.open == hclsyntax.TokenOBrace {
				top.operators = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenComment:
		default:
			top.operators++
		}
		if len(stack) > maxDepth || stack[len(stack)-1].operators > maxOperators {
			return &hcl.Diagnostic{
				Severity: hcl.DiagError,
				Summary:  "Expression too complex",
				Detail:   fmt.Sprintf("Brackets may be nested %d deep, and an expression may have %d operators.", maxDepth, maxOperators),
				Subject:  token.Range.Ptr(),
			}
		}
	}
	return nil
}
