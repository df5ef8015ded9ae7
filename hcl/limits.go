package hcl

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/providers"
)

// A merge request's configuration is a stranger's. HCL's parser and evaluator
// recurse, and an exhausted stack ends the process: these bounds are far above
// what anybody writes and far below what exhausts it.
const (
	maxFileSize  = 4 << 20  // bytes
	maxAllFiles  = 64 << 20 // bytes of all files together
	maxWords     = 500_000  // words and signs of all files together
	maxDepth     = 200      // brackets within brackets
	maxOperators = 2000     // operators in one expression, per level of brackets
	maxChain     = 1000     // local values and faculties each of which refers to the next
)

const expressionTooComplex = "Expression too complex"

var (
	errTooLarge    = fmt.Errorf("it is larger than %d MiB", maxFileSize>>20)
	errAllTooLarge = fmt.Errorf("the files of the configuration are larger than %d MiB together", maxAllFiles>>20)
	errNotRegular  = errors.New("it is not a regular file")
	errInGit       = errors.New("it lies in git's own folder, which may hold credentials")
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
	if providers.LeadsIntoGit(root, name) {
		return nil, errInGit
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

// wordsOf counts the words and the signs of a text, be they HCL's or those of a text in it. The lexer makes at most two tokens
// of each, which take a hundred times the room, so that they are counted before it is asked.
func wordsOf(src []byte) int {
	words, within := 0, false
	for _, octet := range src {
		switch {
		case octet >= 0x80 || octet == '_' || octet >= '0' && octet <= '9' || octet|0x20 >= 'a' && octet|0x20 <= 'z':
			if !within {
				words++
			}
			within = true
		case octet == ' ' || octet == '\t' || octet == '\r':
			within = false
		default:
			words++
			within = false
		}
	}
	return words
}

// takeFile counts a file among those that the configuration consists of; false if they are too large together.
func (l *loading) takeFile(name string, src []byte) bool {
	if _, known := l.config.Files[name]; !known {
		l.octets += len(src)
	}
	if l.octets > maxAllFiles {
		return false
	}
	l.config.Files[name] = src
	return true
}

// tooComplex returns a diagnostic for text whose nesting would exhaust the stack.
func tooComplex(src []byte, filename string) *hcl.Diagnostic {
	if wordsOf(src) > maxWords {
		return &hcl.Diagnostic{
			Severity: hcl.DiagError,
			Summary:  expressionTooComplex,
			Detail:   fmt.Sprintf("The file %q holds more than %d words and signs.", filename, maxWords),
		}
	}
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
				Summary:  expressionTooComplex,
				Detail:   fmt.Sprintf("Brackets may be nested %d deep, and an expression may have %d operators.", maxDepth, maxOperators),
				Subject:  token.Range.Ptr(),
			}
		}
	}
	return nil
}
