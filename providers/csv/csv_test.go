package csv_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
)

// write creates files below a new directory and returns it. Names may hold slashes.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// with completes attributes by a directory.
func with(attributes providers.Attributes) providers.Attributes {
	all := providers.Attributes{"directory": "data"}
	maps.Copy(all, attributes)
	return all
}

func open(t testing.TB, dir string, attributes providers.Attributes) providers.Snapshot {
	t.Helper()
	source, err := csv.New().OpenSource(t.Context(), with(attributes), dir)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	return snapshot
}

// show writes a value so that NULL, text and numbers look different.
func show(v value.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	if v.Kind() == value.Text {
		return "'" + v.Str() + "'"
	}
	return v.Kind().String() + " " + v.Text()
}

// all reads a table: its columns, then its rows, as far as there was no error.
func all(ctx context.Context, t testing.TB, snapshot providers.Snapshot, table string) (columns []string, got [][]string, err error) {
	t.Helper()
	rows, err := snapshot.Read(ctx, providers.Query{Table: table})
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range rows.Columns() {
		columns = append(columns, c.Name)
	}
	row := make([]value.Value, len(columns))
	for {
		err := rows.Next(row)
		if err != nil {
			if again := rows.Next(row); !errors.Is(again, err) {
				t.Errorf("Next returned %v, and then %v", err, again)
			}
		}
		if errors.Is(err, io.EOF) {
			return columns, got, nil
		}
		if err != nil {
			return columns, got, err
		}
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = show(v)
		}
		got = append(got, texts)
	}
}
