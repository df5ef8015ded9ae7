// Package filetable is what the providers of files share: a directory whose files are
// tables, the declared types of their columns, how those are spelt, and what a format
// must offer so that package export can keep its files in step.
package filetable

import (
	"context"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// Exporter is a file format that can be written, too.
type Exporter interface {
	providers.SourceProvider
	// FormatSpec declares the attributes of destination blocks, but for directory.
	FormatSpec() hcldec.ObjectSpec
	// Format checks the attributes, also those that depend on each other.
	Format(attributes providers.Attributes) (Format, error)
}

// Format reads and writes whole files as the attributes of a destination block say. What it
// wrote it reads back as it was. It is safe for concurrent use.
type Format interface {
	// Extension ends the files' names: ".csv", or "".
	Extension() string
	// Description is a JSON object of the attributes, of which Exporter.Format makes a format that
	// reads and writes the same files.
	Description() string
	// Kind returns a column's declared kind: Text, where none is declared.
	Kind(table, column string) (value.Kind, error)
	// Fraction is the number of digits of a second's fraction that a column of the kind holds, 0 to 9.
	Fraction(kind value.Kind) int
	// Fit returns a value, of a column of the kind or NULL, as it comes back from a file, or says
	// why a file cannot hold it, without showing it.
	Fit(kind value.Kind, v value.Value) (value.Value, error)
	// Guard returns a value that comes from a source as it is to be kept: with an apostrophe where a program that
	// opens the file would compute it, if the attributes say so.
	Guard(v value.Value) value.Value
	// Charset names the encoding of the files, and says who chose it.
	Charset() string
	// Write writes a file of the named table. next is as for providers.Destination.Load; the
	// same columns and rows are the same bytes.
	Write(ctx context.Context, w io.Writer, table string, columns []providers.Column, next func(row []value.Value) error) error
	// Read reads a file of the named table, and closes it with the rows; shown is what messages call it. kind
	// returns the kind of a column. expected are the columns of a file that does not name its own.
	Read(ctx context.Context, file *os.File, shown, table string, kind func(column string) (value.Kind, error), expected []string) (providers.Rows, error)
}
