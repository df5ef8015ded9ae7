package view

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// snippet is the text that a diagnostic is about, its names those of Terraform's
// JSON.
type snippet struct {
	// Context is the header of the block around it; nil at the top of a file.
	Context *string `json:"context"`
	// Code are the whole lines that it touches.
	Code      string `json:"code"`
	StartLine int    `json:"start_line"`
	// The highlighted part of Code, in octets from 0, the end exclusive.
	HighlightStart int `json:"highlight_start_offset"`
	HighlightEnd   int `json:"highlight_end_offset"`
	// Values is there for the readers of Terraform's format; a value could be secret.
	Values []struct{} `json:"values"`
}

// newSnippet returns nil where the file's text is not known, as that of files of
// variables, which hold secrets.
func newSnippet(files map[string][]byte, at config.Range) *snippet {
	src, ok := files[at.File]
	start, end := at.Start.Byte, at.End.Byte
	if !ok || at.File == "" || start < 0 || start > len(src) {
		return nil
	}
	end = min(max(end, start), len(src))
	first := bytes.LastIndexByte(src[:start], '\n') + 1
	last := len(src)
	// A range that ends behind a newline does not touch the next line.
	from := end
	if from > start && src[from-1] == '\n' {
		from--
	}
	if i := bytes.IndexByte(src[from:], '\n'); i >= 0 {
		last = from + i
	}
	s := &snippet{
		Code: string(src[first:last]), StartLine: at.Start.Line,
		HighlightStart: start - first, HighlightEnd: min(end, last) - first, Values: []struct{}{},
	}
	if header := enclosing(src, start); header != "" {
		s.Context = &header
	}
	return s
}

// enclosing returns the header of the top-level block around an offset, such as
// sync "rooms". It reads tokens, not a syntax tree: the file may well be broken.
func enclosing(src []byte, offset int) string {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	var header []string
	start, depth := 0, 0
	found := ""
	for _, token := range tokens {
		if token.Range.Start.Byte > offset && depth == 0 {
			return ""
		}
		switch token.Type {
		case hclsyntax.TokenOBrace:
			if depth == 0 {
				found = strings.Join(header, "")
			}
			depth++
		case hclsyntax.TokenCBrace:
			depth = max(0, depth-1)
			if depth > 0 {
				continue
			}
			if offset >= start && offset < token.Range.End.Byte {
				return found
			}
			header, found = nil, ""
		case hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenEqual:
			if depth == 0 {
				header = nil
			}
		default:
			if depth > 0 {
				continue
			}
			if header == nil {
				start = token.Range.Start.Byte
			} else if token.Type == hclsyntax.TokenIdent || token.Type == hclsyntax.TokenOQuote {
				header = append(header, " ")
			}
			header = append(header, string(token.Bytes))
		}
	}
	return found
}
