package bundle

import "fmt"

// FormatError says what is wrong with a bundle's files. Its text holds no row's values.
type FormatError struct {
	File   string // the manifest's or the ZIP's name, and of the ZIP the entry: hss.zip: faculty-1/sync-2.csv
	Line   int    // from 1; 0 for the file as a whole
	Reason string // what was expected, and what to do
}

func (e *FormatError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s: %s", e.File, e.Reason)
}

func faulty(file string, line int, format string, args ...any) *FormatError {
	return &FormatError{File: file, Line: line, Reason: fmt.Sprintf(format, args...)}
}
