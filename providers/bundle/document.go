package bundle

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/internal/value"
)

// maxListed bounds the faculties of a bundle, all its syncs, and of a sync the columns and the values of the scope.
const maxListed = 10_000

// documentName is the entry of the ZIP that describes the others.
const documentName = "bundle.json"

// document is bundle.json. What two exports of equal data differ in is Created alone.
type document struct {
	Format    int               `json:"format_version"`
	Created   created           `json:"created"`
	Faculties []facultyDocument `json:"faculties"`
}

type created struct {
	On time.Time `json:"on"`
	By string    `json:"by"`
}

type facultyDocument struct {
	IDExport    string           `json:"id_export"`
	Label       string           `json:"label"`
	Name        string           `json:"name"`
	Origin      string           `json:"origin"`
	Destination string           `json:"destination"`
	Syncs       []syncDocument   `json:"syncs"`
	History     *historyDocument `json:"history,omitempty"`
}

type syncDocument struct {
	Address     string           `json:"address"`
	Name        string           `json:"name"`
	Table       string           `json:"table"`
	Origin      string           `json:"origin"`
	Destination string           `json:"destination"`
	Columns     []columnDocument `json:"columns"`
	Key         []string         `json:"key"`
	Scope       []ScopeValue     `json:"scope"`
	Parents     []ScopeParent    `json:"parents,omitempty"`
	Without     []string         `json:"without,omitempty"`
	Schema      string           `json:"schema_sha256"`
	Rows        int64            `json:"rows"`
	Archived    int64            `json:"archived"`
	Data        entry            `json:"data"`
}

type columnDocument struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	SQL       string `json:"sql"`
	Generated bool   `json:"generated,omitempty"`
	Lookup    string `json:"lookup,omitempty"`
}

type historyDocument struct {
	Plans      entry      `json:"plans"`
	Operations entry      `json:"operations"`
	Findings   entry      `json:"findings"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
}

// entry is a file of the ZIP.
type entry struct {
	Entry   string `json:"entry"`
	Octets  int64  `json:"octets"`
	Records int64  `json:"records"` // of a CSV file without its header
	SHA256  string `json:"sha256"`
}

func syncEntry(faculty, sync int) string {
	return fmt.Sprintf("faculty-%d/sync-%d.csv", faculty, sync)
}

func historyEntry(faculty int, what string) string {
	return fmt.Sprintf("faculty-%d/%s.jsonl", faculty, what)
}

// SchemaDigest is the SHA-256 of the names and types of columns, in lower-case hexadecimal: two tables of equal ones
// take each other's rows.
func SchemaDigest(columns []Column) string {
	sum := sha256.New()
	for _, c := range columns {
		for _, part := range []string{c.Name, c.Kind.String(), c.SQL, strconv.FormatBool(c.Generated), c.Lookup} {
			fmt.Fprintf(sum, "%d:%s", len(part), part)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func encodeDocument(d *document) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return out.Bytes(), err
}

// decodeStrictly reads JSON that has all that it is to have the way this program writes it, and nothing else.
func decodeStrictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errors.New("it is not the JSON that was expected: the file was written by another program, or changed")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it holds text behind its JSON: the file was changed")
	}
	return nil
}

// decodeDocument reads bundle.json, and checks it as far as it can be by itself. The error says why not.
func decodeDocument(text []byte) (*document, error) {
	var version struct {
		Format int `json:"format_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, errors.New("it is not JSON: the file was written by another program, or changed")
	}
	if version.Format != FormatVersion {
		return nil, fmt.Errorf("it is of format version %d, and this registrar reads version %d: export again with the registrar that is to import, or use the one that exported", version.Format, FormatVersion)
	}
	var d document
	if err := decodeStrictly(text, &d); err != nil {
		return nil, err
	}
	if len(d.Faculties) == 0 {
		return nil, errors.New("it has no faculty")
	}
	if err := d.bounded(); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(d.Faculties))
	for i := range d.Faculties {
		if err := d.Faculties[i].check(i + 1); err != nil {
			return nil, fmt.Errorf("faculty %d: %w", i+1, err)
		}
		if seen[d.Faculties[i].IDExport] {
			return nil, fmt.Errorf("the faculty %q is there twice", d.Faculties[i].IDExport)
		}
		seen[d.Faculties[i].IDExport] = true
	}
	return &d, nil
}

// bounded refuses lists that no export has: what follows compares, opens and holds in memory what they list.
func (d *document) bounded() error {
	syncs := 0
	for i := range d.Faculties {
		syncs += len(d.Faculties[i].Syncs)
	}
	if err := within("faculties", len(d.Faculties)); err != nil {
		return err
	}
	if err := within("syncs", syncs); err != nil {
		return err
	}
	for i := range d.Faculties {
		for j := range d.Faculties[i].Syncs {
			if err := d.Faculties[i].Syncs[j].bounded(); err != nil {
				return fmt.Errorf("sync %d of faculty %d: %w", j+1, i+1, err)
			}
		}
	}
	return nil
}

func (s *syncDocument) bounded() error {
	values := len(s.Scope) + len(s.Parents)
	for _, p := range s.Parents {
		values += len(p.Where)
	}
	return cmp.Or(within("columns", len(s.Columns)), within("columns in its key", len(s.Key)), within("columns left out", len(s.Without)), within("values in its scope", values))
}

func within(what string, n int) error {
	if n > maxListed {
		return fmt.Errorf("it has %d %s, and a bundle at most %d: export fewer at a time", n, what, maxListed)
	}
	return nil
}

func (f *facultyDocument) check(number int) error {
	if f.IDExport == "" {
		return errors.New("it has no id_export")
	}
	seen := map[string]bool{}
	for i := range f.Syncs {
		s := &f.Syncs[i]
		if seen[s.Address] {
			return fmt.Errorf("%s is there twice", s.Address)
		}
		seen[s.Address] = true
		if err := s.check(syncEntry(number, i+1)); err != nil {
			return fmt.Errorf("%s: %w", s.Address, err)
		}
	}
	if f.History == nil {
		return nil
	}
	for what, e := range map[string]entry{"plans": f.History.Plans, "operations": f.History.Operations, "findings": f.History.Findings} {
		if e.Entry != historyEntry(number, what) {
			return fmt.Errorf("its %s are in %q, expected %q", what, e.Entry, historyEntry(number, what))
		}
	}
	return nil
}

func (s *syncDocument) check(name string) error {
	if s.Data.Entry != name {
		return fmt.Errorf("its rows are in %q, expected %q", s.Data.Entry, name)
	}
	if s.Data.Records != s.Rows || s.Archived < 0 || s.Archived > s.Rows {
		return fmt.Errorf("its counts contradict each other: %d rows, %d of them archived, %d records", s.Rows, s.Archived, s.Data.Records)
	}
	columns, err := s.columns()
	if err != nil {
		return err
	}
	if len(columns) == 0 || len(s.Key) == 0 {
		return errors.New("it has no columns, or no key")
	}
	names := map[string]bool{}
	for _, c := range columns {
		if names[c.Name] {
			return fmt.Errorf("column %q is there twice", c.Name)
		}
		names[c.Name] = true
	}
	for _, k := range s.Key {
		if !names[k] {
			return fmt.Errorf("%q of its key is not one of its columns, or there twice", k)
		}
		names[k] = false
	}
	if digest := SchemaDigest(columns); digest != s.Schema {
		return errors.New("its columns are not those of its schema_sha256: the file was changed")
	}
	return nil
}

func (s *syncDocument) columns() ([]Column, error) {
	columns := make([]Column, len(s.Columns))
	for i, c := range s.Columns {
		kind, ok := kindOf(c.Kind)
		if !ok {
			return nil, fmt.Errorf("column %q is of the kind %q, which this registrar does not know", c.Name, c.Kind)
		}
		columns[i] = Column{Name: c.Name, Kind: kind, SQL: c.SQL, Generated: c.Generated, Lookup: c.Lookup}
	}
	return columns, nil
}

func kindOf(name string) (value.Kind, bool) {
	for k := value.Bool; k <= value.Other; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return value.Null, false
}

// entries lists the files that the document names, in the order in which they are written.
func (d *document) entries() []entry {
	var all []entry
	for i := range d.Faculties {
		for j := range d.Faculties[i].Syncs {
			all = append(all, d.Faculties[i].Syncs[j].Data)
		}
		if h := d.Faculties[i].History; h != nil {
			all = append(all, h.Plans, h.Operations, h.Findings)
		}
	}
	return all
}
