package bundle

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxManifest bounds the manifest, in octets.
const maxManifest = 16 << 20

// manifestHeader are the manifest's columns. People may fill in Id_Import and Contact.
func manifestHeader() []string {
	return []string{"Id_Export", "Id_Import", "Label", "Name", "Contact", "Syncs", "Rows", "Bundle", "SHA256"}
}

// manifestByteOrderMark tells spreadsheets that the file is UTF-8.
const manifestByteOrderMark = "\uFEFF"

// encodeManifest writes the manifest so that spreadsheets of most countries open it as a table.
func encodeManifest(b *Bundle) []byte {
	var out bytes.Buffer
	out.WriteString(manifestByteOrderMark)
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	_ = w.Write(manifestHeader()) // a buffer takes everything, Flush included
	for i := range b.Faculties {
		f := &b.Faculties[i]
		_ = w.Write([]string{f.IDExport, f.IDImport, f.Label, f.Name, f.Contact, strconv.Itoa(len(f.Syncs)), strconv.FormatInt(f.rows(), 10), b.File, b.Digest})
	}
	w.Flush()
	return out.Bytes()
}

func (f *Faculty) rows() int64 {
	var n int64
	for i := range f.Syncs {
		n += f.Syncs[i].Rows
	}
	return n
}

// manifest is what a manifest says.
type manifest struct {
	name        string
	lines       []manifestLine
	zip, digest string // the same on each line
}

type manifestLine struct {
	line   int
	fields map[string]string // by the header's names
}

// readManifest reads a manifest, as registrar or a spreadsheet wrote it.
func readManifest(root *os.Root, name string) (*manifest, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, faulty(name, 0, "it is missing: expected the manifest of a bundle, the CSV file that the export wrote beside the ZIP")
	case err != nil:
		return nil, faulty(name, 0, "it cannot be read: %s", bare(err))
	case !info.Mode().IsRegular() || info.Size() > maxManifest:
		return nil, faulty(name, 0, "it is not a manifest: expected the CSV file of a bundle, of at most %d MiB", maxManifest>>20)
	}
	text, err := root.ReadFile(name)
	if err != nil {
		return nil, faulty(name, 0, "it cannot be read: %s", bare(err))
	}
	return parseManifest(name, text)
}

func parseManifest(name string, text []byte) (*manifest, error) {
	m := &manifest{name: name}
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return nil, faulty(name, 0, "it is a ZIP file or a spreadsheet: name the manifest, the CSV file of the bundle")
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) || !utf8.Valid(text):
		return nil, faulty(name, wrongLine(text), "it is not UTF-8: save it as CSV with the character set UTF-8")
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte(manifestByteOrderMark))))
	in.Comma, in.FieldsPerRecord = delimiter(text), -1
	var header []string
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if mistake, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, faulty(name, mistake.Line, "it is not CSV (%s)", mistake.Err)
		}
		if err != nil {
			return nil, faulty(name, 0, "it is not CSV")
		}
		line, _ := in.FieldPos(0)
		for i := range record {
			record[i] = strings.Trim(record[i], " ")
		}
		record = withoutEmpty(record, len(header))
		switch {
		case len(record) == 0:
		case header == nil:
			if header, err = checkHeader(record); err != nil {
				return nil, faulty(name, line, "%s", err)
			}
		default:
			if len(record) != len(header) {
				return nil, faulty(name, line, "it has %d fields, and the header %d", len(record), len(header))
			}
			if len(m.lines) == maxListed {
				return nil, faulty(name, line, "it is line %d of a faculty, and a bundle has at most %d: export fewer at a time", maxListed+1, maxListed)
			}
			one := manifestLine{line: line, fields: map[string]string{}}
			for i, column := range header {
				one.fields[column] = record[i]
			}
			m.lines = append(m.lines, one)
		}
	}
	if len(m.lines) == 0 {
		return nil, faulty(name, 0, "it lists no faculty: expected a header (%s) and a line for each", strings.Join(manifestHeader(), ";"))
	}
	return m, m.check()
}

// wrongLine is the line of the first octets that are not UTF-8.
func wrongLine(text []byte) int {
	line := 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		text = text[n:]
	}
	return line
}

// delimiter is what separates the header's fields: spreadsheets write what their country is used to.
func delimiter(text []byte) rune {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	if i := bytes.IndexAny(header, ";,\t"); i >= 0 {
		return rune(header[i])
	}
	return ';'
}

// withoutEmpty cuts off the empty fields that spreadsheets append, down to a record's usual length; a record of empty fields is none.
func withoutEmpty(record []string, usual int) []string {
	filled := len(record)
	for filled > 0 && record[filled-1] == "" {
		filled--
	}
	if filled == 0 {
		return nil
	}
	return record[:max(filled, min(usual, len(record)))]
}

func checkHeader(header []string) ([]string, error) {
	want := manifestHeader()
	for i, name := range header {
		if !slices.Contains(want, name) || slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("its header has %q, which is no column of a manifest, or twice: expected %s", name, strings.Join(want, ";"))
		}
	}
	for _, name := range want {
		if !slices.Contains(header, name) {
			return nil, fmt.Errorf("its header lacks %q: expected %s", name, strings.Join(want, ";"))
		}
	}
	return header, nil
}

// check looks at what can be told without the ZIP.
func (m *manifest) check() error {
	m.zip, m.digest = m.lines[0].fields["Bundle"], strings.ToLower(m.lines[0].fields["SHA256"])
	if digest, err := hex.DecodeString(m.digest); err != nil || len(digest) != 32 {
		return faulty(m.name, m.lines[0].line, "SHA256 is not one: expected 64 hexadecimal digits, as the export wrote them")
	}
	if m.zip == "" || strings.ContainsAny(m.zip, `/\:`) || strings.HasPrefix(m.zip, ".") {
		return faulty(m.name, m.lines[0].line, "Bundle is %q: expected the name of the ZIP file beside the manifest, without a folder", m.zip)
	}
	exported, targets := map[string]int{}, map[string]int{}
	for _, one := range m.lines {
		id, contact := one.fields["Id_Export"], one.fields["Contact"]
		if id == "" {
			return faulty(m.name, one.line, "Id_Export is empty: only Id_Import and Contact may be changed")
		}
		if one.fields["Bundle"] != m.zip || strings.ToLower(one.fields["SHA256"]) != m.digest {
			return faulty(m.name, one.line, "Bundle or SHA256 is not that of line %d: a manifest is of one ZIP file", m.lines[0].line)
		}
		if before := exported[id]; before > 0 {
			return faulty(m.name, one.line, "Id_Export %q is on line %d, too", id, before)
		}
		exported[id] = one.line
		if reason := contactMistake(contact); reason != "" {
			return faulty(m.name, one.line, "Contact %s: expected e-mail addresses, separated by semicolons, or nothing", reason)
		}
	}
	for _, one := range m.lines {
		target := one.fields["Id_Import"]
		if target == "" {
			target = one.fields["Id_Export"]
		}
		if before := targets[target]; before > 0 {
			return faulty(m.name, one.line, "its faculty would become %q, as would the one on line %d: give each an Id_Import of its own, or none", target, before)
		}
		targets[target] = one.line
	}
	return nil
}

func contactMistake(contact string) string {
	if contact == "" {
		return ""
	}
	for address := range strings.SplitSeq(contact, ";") {
		if _, err := mail.ParseAddress(strings.TrimSpace(address)); err != nil {
			return "has what is not an e-mail address"
		}
	}
	return ""
}

// match holds the manifest against the ZIP, and takes over what people may fill in.
func (m *manifest) match(b *Bundle) error {
	byID := map[string]*Faculty{}
	for i := range b.Faculties {
		byID[asField(b.Faculties[i].IDExport)] = &b.Faculties[i]
	}
	var ordered []Faculty
	for _, one := range m.lines {
		f := byID[one.fields["Id_Export"]]
		if f == nil {
			return faulty(m.name, one.line, "Id_Export is %q, and %s has no such faculty: only Id_Import and Contact may be changed. A spreadsheet takes 007 for 7 unless the column is imported as text", one.fields["Id_Export"], m.zip)
		}
		for _, said := range [][2]string{{"Label", f.Label}, {"Name", f.Name}, {"Syncs", strconv.Itoa(len(f.Syncs))}, {"Rows", strconv.FormatInt(f.rows(), 10)}} {
			if found := one.fields[said[0]]; found != asField(said[1]) {
				return faulty(m.name, one.line, "%s is %q, and %s says %q: only Id_Import and Contact may be changed", said[0], found, m.zip, said[1])
			}
		}
		f.Line, f.IDImport, f.Contact = one.line, one.fields["Id_Import"], one.fields["Contact"]
		ordered = append(ordered, *f)
	}
	if len(ordered) != len(b.Faculties) {
		for i := range b.Faculties {
			if f := &b.Faculties[i]; f.Line == 0 {
				return faulty(m.name, 0, "it lacks the line of %q, which %s has: a line is not to be taken away; import some faculties with --faculty", f.IDExport, m.zip)
			}
		}
	}
	b.Faculties = ordered
	return nil
}

// asField is a text as it is read back from a manifest.
func asField(text string) string { return strings.Trim(strings.ReplaceAll(text, "\r\n", "\n"), " ") }
