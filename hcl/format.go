package hcl

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/registrar-sync/registrar/config"
)

// Format returns src in the canonical layout: indented by two blanks, equals
// signs aligned, line ends LF. Text with syntax errors is returned unchanged
// together with the errors, whose ranges name filename.
func Format(src []byte, filename string) ([]byte, config.Diagnostics) {
	text := unixLines(src)
	if d := tooComplex(text, filename); d != nil {
		return src, config.Diagnostics{translate(d, false)}
	}
	if _, diags := hclsyntax.ParseConfig(text, filename, hcl.InitialPos); diags.HasErrors() {
		var out config.Diagnostics
		for _, d := range diags {
			out = append(out, translate(d, false))
		}
		return src, tidy(out)
	}
	text = hclwrite.Format(text)
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return text, nil
}

// HoldsValues reports whether src has an argument outside of blocks, as files of
// variables' values do and those of a configuration must not. Syntax errors
// elsewhere do not matter.
func HoldsValues(src []byte) bool {
	tokens, _ := hclsyntax.LexConfig(unixLines(src), "", hcl.InitialPos)
	depth := 0
	for i, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			depth = max(depth-1, 0)
		case hclsyntax.TokenEqual:
			if depth == 0 && i > 0 && tokens[i-1].Type == hclsyntax.TokenIdent {
				return true
			}
		default:
		}
	}
	return false
}

// unixLines turns CRLF into LF: a checkout on Windows compiles to the same
// values and the same digest as one elsewhere.
func unixLines(src []byte) []byte {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
}
