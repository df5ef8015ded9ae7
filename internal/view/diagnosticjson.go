package view

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/registrar-sync/registrar/config"
)

// formatVersion of all the JSON that the commands write. Members may be added
// under the same version.
const formatVersion = "1.0"

type jsonPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type jsonRange struct {
	Filename string  `json:"filename"`
	Start    jsonPos `json:"start"`
	End      jsonPos `json:"end"`
}

type jsonDiagnostic struct {
	Severity config.Severity `json:"severity"`
	Summary  string          `json:"summary"`
	Detail   string          `json:"detail"`
	Range    *jsonRange      `json:"range,omitempty"`
	Snippet  *snippet        `json:"snippet,omitempty"`
}

// DiagnosticsJSON writes the diagnostics in the format of terraform validate -json.
func (v *View) DiagnosticsJSON(diags config.Diagnostics, files map[string][]byte) error {
	out := struct {
		FormatVersion string           `json:"format_version"`
		Valid         bool             `json:"valid"`
		ErrorCount    int              `json:"error_count"`
		WarningCount  int              `json:"warning_count"`
		Diagnostics   []jsonDiagnostic `json:"diagnostics"`
	}{FormatVersion: formatVersion, Valid: !diags.HasErrors(), Diagnostics: diagnosticDocuments(diags, files)}
	for _, d := range diags {
		if d.Severity == config.Error {
			out.ErrorCount++
		} else {
			out.WarningCount++
		}
	}
	return v.JSON(out, true)
}

func diagnosticDocuments(diags config.Diagnostics, files map[string][]byte) []jsonDiagnostic {
	documents := make([]jsonDiagnostic, len(diags))
	for i, d := range diags {
		documents[i] = jsonDiagnostic{Severity: d.Severity, Summary: d.Summary, Detail: d.Detail, Snippet: newSnippet(files, d.Subject)}
		if d.Subject.File != "" {
			documents[i].Range = &jsonRange{Filename: d.Subject.File, Start: jsonPos(d.Subject.Start), End: jsonPos(d.Subject.End)}
		}
	}
	return documents
}

// JSON writes one document and a newline, indented or on one line.
func (v *View) JSON(document any, indent bool) error {
	text, err := encode(document)
	if err != nil {
		return err
	}
	if indent {
		var out bytes.Buffer
		if err := json.Indent(&out, text, "", "  "); err != nil {
			return fmt.Errorf("encode as JSON: %w", err)
		}
		text = out.Bytes()
	}
	_, err = v.out.Write(append(text, '\n'))
	return err
}

// encode returns a document as JSON on one line.
func encode(document any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the text is not for a web page, and "a < b" is easier to read
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	return asciiControls(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}
