package csv

import (
	"context"
	"errors"
	"os"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// openTable opens a table's file and reads its header.
func openTable(ctx context.Context, root *os.Root, directory filetable.Directory, o *options, table string) (*rows, error) {
	file, err := directory.OpenTable(root, table, o.extension)
	if err != nil {
		return nil, err
	}
	kind := func(column string) (value.Kind, error) { return o.kindOf(table, column) }
	return openFile(ctx, file, o, directory.Name(table+o.extension), table, kind)
}

// openFile takes the file over, also when it fails.
func openFile(ctx context.Context, file *os.File, o *options, shown, table string, kind func(column string) (value.Kind, error)) (*rows, error) {
	r := &rows{ctx: ctx, options: o, file: file, path: shown, kind: kind}
	if err := r.begin(table); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// kindOf returns a column's declared type, or text.
func (o *options) kindOf(table, name string) (value.Kind, error) {
	kind, ok, err := o.types.Of(table, name)
	if err == nil && !ok {
		kind = value.Text
	}
	return kind, err
}
