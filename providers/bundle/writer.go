package bundle

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Head is what a bundle says of itself.
type Head struct {
	CreatedOn time.Time
	CreatedBy string
}

// Writer writes a bundle. Nothing is at its files' names before Finish, and nothing stays after Abort.
type Writer struct {
	dir, name string
	head      Head
	file      *os.File
	whole     hash.Hash
	zip       *zip.Writer
	doc       document
	faculties []Faculty
	open      *entryWriter // nil for none
	failed    error
	done      bool
}

var bundleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Create begins the bundle NAME.csv and NAME.zip in a folder that exists. Files that are there are not replaced.
func Create(dir, name string, head Head) (_ *Writer, err error) {
	if !bundleName.MatchString(name) || strings.HasSuffix(name, ".") {
		return nil, fmt.Errorf("a bundle cannot have the name %q: expected up to 100 letters without accents, digits, dots, dashes and underscores, such as hss-2026", name)
	}
	w := &Writer{dir: dir, name: name, head: head, whole: sha256.New()}
	for _, path := range []string{w.manifestPath(), w.zipPath()} {
		if _, err := os.Lstat(path); err == nil {
			return nil, existing(path)
		}
	}
	if w.file, err = os.CreateTemp(dir, "."+name+".zip.*"); err != nil {
		return nil, fmt.Errorf("write into the folder %s: %w", dir, bare(err))
	}
	w.zip = zip.NewWriter(io.MultiWriter(w.file, w.whole))
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.DefaultCompression) })
	return w, nil
}

func existing(path string) error {
	return fmt.Errorf("%s exists, and an export replaces no file: give the bundle another name, or move that file away", path)
}

func (w *Writer) manifestPath() string { return filepath.Join(w.dir, w.name+".csv") }
func (w *Writer) zipPath() string      { return filepath.Join(w.dir, w.name+".zip") }

// Faculty begins a faculty. Its syncs and its history follow, by Sync and History; what f says of these is not looked at.
func (w *Writer) Faculty(f Faculty) error {
	w.doc.Faculties = append(w.doc.Faculties, facultyDocument{IDExport: f.IDExport, Label: f.Label, Name: f.Name, Origin: f.Origin, Destination: f.Destination})
	f.number = len(w.doc.Faculties)
	w.faculties = append(w.faculties, f)
	return nil
}

func (w *Writer) faculty() *facultyDocument { return &w.doc.Faculties[len(w.doc.Faculties)-1] }

// Sync begins the rows of a sync of the last faculty. Its address, name, table, columns, key, scope and origin
// are looked at, its counts and digests are made. The rows must be closed before anything else is written.
func (w *Writer) Sync(s Sync) (*RowWriter, error) {
	f := w.faculty()
	e, err := w.entry(syncEntry(len(w.doc.Faculties), len(f.Syncs)+1))
	if err != nil {
		return nil, err
	}
	described := syncDocument{
		Address: s.Address, Name: s.Name, Table: s.Table, Origin: s.Origin, Destination: s.Destination, Key: s.Key, Scope: s.Scope, Parents: s.Parents, Without: s.Without,
		Schema: SchemaDigest(s.Columns),
	}
	if described.Scope == nil {
		described.Scope = []ScopeValue{}
	}
	for _, c := range s.Columns {
		described.Columns = append(described.Columns, columnDocument{Name: c.Name, Kind: c.Kind.String(), SQL: c.SQL, Generated: c.Generated, Lookup: c.Lookup})
	}
	rows, err := NewRowWriter(e, s.Columns, s.Key)
	if err != nil {
		return nil, err
	}
	rows.finish = func() error {
		if described.Data, err = e.close(rows.Rows); err != nil {
			return err
		}
		described.Rows, described.Archived = rows.Rows, rows.Archived
		f.Syncs = append(f.Syncs, described)
		return nil
	}
	return rows, nil
}

// History begins the history of the last faculty.
func (w *Writer) History() *HistoryWriter {
	return &HistoryWriter{w: w, seen: map[string]entry{}}
}

// HistoryWriter writes a faculty's history: all its plans, then all their operations, then all their findings.
type HistoryWriter struct {
	w       *Writer
	seen    map[string]entry
	what    string
	open    *entryWriter
	n       int64
	applied timeRange
}

// Plan writes a plan; those applied first come first.
func (h *HistoryWriter) Plan(p *HistoryPlan) error {
	h.applied.add(p.ExecutedOn)
	return h.write("plans", p)
}

// Operation writes an operation, in the order of plan and sequence.
func (h *HistoryWriter) Operation(o *HistoryOperation) error { return h.write("operations", o) }

// Finding writes a finding, in the order of plan and sequence.
func (h *HistoryWriter) Finding(f *HistoryFinding) error { return h.write("findings", f) }

func (h *HistoryWriter) write(what string, one any) error {
	if err := h.begin(what); err != nil {
		return err
	}
	encoder := json.NewEncoder(h.open)
	encoder.SetEscapeHTML(false)
	h.n++
	return encoder.Encode(one)
}

// begin goes on to the file of plans, operations or findings.
func (h *HistoryWriter) begin(what string) (err error) {
	if h.what == what {
		return nil
	}
	if err := h.end(); err != nil {
		return err
	}
	if _, again := h.seen[what]; again {
		return fmt.Errorf("the history's %s were written before", what)
	}
	h.what = what
	h.open, err = h.w.entry(historyEntry(len(h.w.doc.Faculties), what))
	return err
}

func (h *HistoryWriter) end() (err error) {
	if h.what == "" {
		return nil
	}
	h.seen[h.what], err = h.open.close(h.n)
	h.what, h.n = "", 0
	return err
}

// Close ends the history.
func (h *HistoryWriter) Close() error {
	for _, what := range []string{"plans", "operations", "findings"} {
		if _, written := h.seen[what]; !written {
			if err := h.begin(what); err != nil {
				return err
			}
		}
	}
	if err := h.end(); err != nil {
		return err
	}
	d := &historyDocument{Plans: h.seen["plans"], Operations: h.seen["operations"], Findings: h.seen["findings"]}
	if !h.applied.from.IsZero() {
		d.From, d.To = &h.applied.from, &h.applied.to
	}
	h.w.faculty().History = d
	return nil
}

// entryWriter writes a file of the ZIP.
type entryWriter struct {
	w    *Writer
	name string
	out  io.Writer
	sum  hash.Hash
	n    int64
}

// entry begins a file of the ZIP. Its time is always the same: so are the octets of equal data.
func (w *Writer) entry(name string) (*entryWriter, error) {
	if w.open != nil {
		return nil, fmt.Errorf("write %s: %s is not closed", name, w.open.name)
	}
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, w.broken(err)
	}
	w.open = &entryWriter{w: w, name: name, out: out, sum: sha256.New()}
	return w.open, nil
}

// Write implements io.Writer.
func (e *entryWriter) Write(p []byte) (int, error) {
	n, err := e.out.Write(p)
	e.n += int64(n)
	e.sum.Write(p[:n])
	if err != nil {
		err = e.w.broken(err)
	}
	return n, err
}

func (e *entryWriter) close(records int64) (entry, error) {
	e.w.open = nil
	return entry{Entry: e.name, Octets: e.n, Records: records, SHA256: hex.EncodeToString(e.sum.Sum(nil))}, e.w.failed
}

func (w *Writer) broken(err error) error {
	w.failed = fmt.Errorf("write %s: %w", w.zipPath(), bare(err))
	return w.failed
}

// Finish puts both files at their names, readable to their owner only, and returns what was written, which is not open. After an error
// nothing of them stays.
func (w *Writer) Finish() (_ *Bundle, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Abort())
		}
	}()
	b, err := w.writeDocument()
	if err != nil {
		return nil, err
	}
	if err := w.zip.Close(); err != nil {
		return nil, w.broken(err)
	}
	if err := w.checkExpansion(); err != nil {
		return nil, err
	}
	if err := w.file.Sync(); err != nil {
		return nil, w.broken(err)
	}
	b.Digest = hex.EncodeToString(w.whole.Sum(nil))
	if err := w.publish(b); err != nil {
		return nil, err
	}
	w.done = true
	return b, errors.Join(w.file.Close(), removeTemporary(w.file.Name()))
}

// writeDocument writes bundle.json, and returns what it describes.
func (w *Writer) writeDocument() (*Bundle, error) {
	w.doc.Format, w.doc.Created = FormatVersion, created{On: w.head.CreatedOn.UTC(), By: w.head.CreatedBy}
	text, err := encodeDocument(&w.doc)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", documentName, err)
	}
	if _, err := decodeDocument(text); err != nil {
		return nil, fmt.Errorf("the bundle cannot be described: %w", err)
	}
	e, err := w.entry(documentName)
	if err != nil {
		return nil, err
	}
	if _, err := e.Write(text); err != nil {
		return nil, err
	}
	if _, err := e.close(1); err != nil {
		return nil, err
	}
	b := &Bundle{File: w.name + ".zip"}
	if err := b.describe(&w.doc); err != nil {
		return nil, err
	}
	for i := range b.Faculties {
		b.Faculties[i].Contact = w.faculties[i].Contact
		b.Faculties[i].Line = i + 2
	}
	return b, nil
}

// checkExpansion refuses to write what Open would refuse to read.
func (w *Writer) checkExpansion() error {
	info, err := w.file.Stat()
	if err != nil {
		return w.broken(err)
	}
	var total int64
	for _, e := range w.doc.entries() {
		total += e.Octets
	}
	if expands(total, info.Size()) {
		return fmt.Errorf("the rows shrink to less than a %dth, which verify would take for an attack: export with --without the columns that hold so much of the same", maxRatio)
	}
	return nil
}

// publish puts the ZIP at its name and then the manifest, without which nobody takes the ZIP for whole.
func (w *Writer) publish(b *Bundle) error {
	manifest, err := os.CreateTemp(w.dir, "."+w.name+".csv.*")
	if err != nil {
		return fmt.Errorf("write into the folder %s: %w", w.dir, bare(err))
	}
	_, err = manifest.Write(encodeManifest(b))
	if err == nil {
		err = manifest.Sync()
	}
	if err = errors.Join(err, manifest.Close()); err == nil {
		err = place(w.file.Name(), w.zipPath())
	}
	if err == nil {
		if err = place(manifest.Name(), w.manifestPath()); err != nil {
			err = errors.Join(err, os.Remove(w.zipPath()))
		}
	}
	return errors.Join(err, removeTemporary(manifest.Name()))
}

// place gives a file another name, which must be free.
func place(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrExist):
		return existing(to)
	}
	// A file system without links.
	if _, err := os.Lstat(to); err == nil {
		return existing(to)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("write %s: %w", to, bare(err))
	}
	return nil
}

// removeTemporary removes a name that place may have taken away.
func removeTemporary(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Abort takes away what was written; after Finish it does nothing.
func (w *Writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	return errors.Join(w.file.Close(), removeTemporary(w.file.Name()))
}

// bare takes the machine's path, which the caller has named, off an error of the file system.
func bare(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
