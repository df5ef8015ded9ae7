package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/atomicfile"
	"github.com/registrar-sync/registrar/plan"
)

// Confirmed is a line of a confirmation: a faculty whose import was applied.
type Confirmed struct {
	IDExport, IDImport string
	Name               string
	Contact            string // as in the manifest
	Rows               int64  // of all its tables
	Plan               string // the id of the import's plan
	ExecutedOn         time.Time
	// Target is the identity of the register that the rows were imported beside; of several, separated by semicolons.
	Target string
	Bundle string // the ZIP's SHA-256
}

// imported is the only state that a line may be in.
const imported = "imported"

// confirmationHeader names the columns of a confirmation.
func confirmationHeader() []string {
	return []string{"Id_Export", "Id_Import", "Name", "Contact", "Rows", "Plan", "Executed_On", "Target", "Bundle", "State", "Check"}
}

// record is the line without its check.
func (c *Confirmed) record() []string {
	return []string{
		c.IDExport, c.IDImport, c.Name, c.Contact, strconv.FormatInt(c.Rows, 10), c.Plan, c.ExecutedOn.UTC().Format(time.RFC3339Nano), c.Target, c.Bundle, imported,
	}
}

// checkOf is the SHA-256 of a line's cells. It finds mistakes; it is no seal, since anybody can compute it.
func checkOf(cells []string) string {
	sum := sha256.New()
	for _, cell := range cells {
		fmt.Fprintf(sum, "%d:%s", len(cell), cell)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// ConfirmationName is the file that confirms the import of a bundle: hss-confirmation.csv for hss.csv.
func ConfirmationName(manifest string) string {
	name := filepath.Base(manifest)
	return strings.TrimSuffix(name, filepath.Ext(name)) + "-confirmation.csv"
}

// Confirm returns the lines of the confirmation of an applied plan, from the registers. The error is a *VoidError where its rows are not
// here any more.
func (m *Import) Confirm(ctx context.Context, p *plan.Plan) (_ []Confirmed, err error) {
	at, err := openPlaces(ctx, m.options.Providers, m.own, m.syncs())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	var lines []Confirmed
	for i := range m.pairs {
		pair := &m.pairs[i]
		line := Confirmed{
			IDExport: pair.from.IDExport, IDImport: pair.from.TargetID(), Name: pair.from.Name, Contact: pair.from.Contact,
			Rows: pair.rows(), Plan: p.ID, Bundle: m.Bundle.Digest,
		}
		var identities []string
		for _, s := range pair.syncs {
			place := at.of(s.to)
			if slices.Contains(identities, place.identity) {
				continue
			}
			done, err := place.register().Execution(ctx, place.conn, p.ID)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", place.of.Address, place.safe(err))
			}
			if done == nil {
				return nil, fmt.Errorf("%s: plan %s was not applied: there is nothing to confirm", place.of.Address, p.ID)
			}
			identities = append(identities, place.identity)
			if done.ExecutedOn.After(line.ExecutedOn) {
				line.ExecutedOn = done.ExecutedOn
			}
		}
		line.Target = strings.Join(identities, ";")
		lines = append(lines, line)
	}
	return lines, m.confirmable(ctx, at, p)
}

// MergeConfirmation returns the lines with those that the file at path has of other faculties of the same bundle. A file that is no
// confirmation, or one of another bundle, is an error: it is not overwritten.
func MergeConfirmation(path, bundleDigest string, lines []Confirmed) ([]Confirmed, error) {
	there, err := ReadConfirmation(path)
	if errors.Is(err, fs.ErrNotExist) {
		return lines, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; it is not overwritten: move it elsewhere, or give another folder by --confirm", err)
	}
	merged := slices.Clone(lines)
	for _, one := range there {
		if one.Bundle != bundleDigest {
			return nil, fmt.Errorf("%s confirms another bundle; it is not overwritten: move it elsewhere, or give another folder by --confirm", path)
		}
		if !slices.ContainsFunc(lines, func(own Confirmed) bool { return own.IDExport == one.IDExport }) {
			merged = append(merged, one)
		}
	}
	return merged, nil
}

// WriteConfirmation writes a list, a line per faculty, whole or not at all.
func WriteConfirmation(path string, lines []Confirmed) error {
	var out bytes.Buffer
	out.WriteString(byteOrderMark) // by which office programs know UTF-8
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	_ = w.Write(confirmationHeader()) // into memory
	for i := range lines {
		cells := lines[i].record()
		_ = w.Write(append(cells, checkOf(cells)))
	}
	w.Flush()
	if err := errors.Join(w.Error(), atomicfile.Write(path, out.Bytes(), 0o600)); err != nil {
		return fmt.Errorf("write the confirmation: %w", err)
	}
	return nil
}

const byteOrderMark = "\ufeff"

// maxConfirmation bounds the octets of a confirmation.
const maxConfirmation = 16 << 20

// ReadConfirmation reads a confirmation, also as an office program saves it: with commas, or without the byte order mark. Errors have
// the file and the line.
func ReadConfirmation(path string) ([]Confirmed, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	if !info.Mode().IsRegular() || info.Size() > maxConfirmation {
		return nil, fmt.Errorf("%s: expected a confirmation, as registrar transfer import writes it", name)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	r := csv.NewReader(bytes.NewReader(text))
	if first, _, _ := bytes.Cut(text, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: expected a confirmation, as registrar transfer import writes it: %w", name, err)
	}
	if len(records) == 0 || !slices.Equal(records[0], confirmationHeader()) {
		return nil, fmt.Errorf("%s, line 1: expected the columns %s: this is no confirmation of an import", name, strings.Join(confirmationHeader(), ", "))
	}
	var lines []Confirmed
	for i, cells := range records[1:] {
		line, err := confirmedBy(cells)
		if err == nil && slices.ContainsFunc(lines, func(other Confirmed) bool { return other.IDExport == line.IDExport }) {
			err = fmt.Errorf("Id_Export %q is there twice", line.IDExport)
		}
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, i+2, err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: it confirms nothing: it has no line below its header", name)
	}
	return lines, nil
}

func confirmedBy(cells []string) (Confirmed, error) {
	own, check := cells[:len(cells)-1], cells[len(cells)-1]
	if checkOf(own) != check {
		return Confirmed{}, errors.New("the cell Check does not fit the line, which was changed after the import wrote it. Present the file as it was written, or have it written again: registrar transfer import MANIFEST --apply PLAN-ID")
	}
	rows, err := strconv.ParseInt(own[4], 10, 64)
	if err != nil {
		return Confirmed{}, errors.New("the cell Rows is no number")
	}
	on, err := time.Parse(time.RFC3339Nano, own[6])
	if err != nil {
		return Confirmed{}, errors.New("the cell Executed_On is no time")
	}
	if own[9] != imported {
		return Confirmed{}, fmt.Errorf("the cell State is %q, expected %q", own[9], imported)
	}
	return Confirmed{
		IDExport: own[0], IDImport: own[1], Name: own[2], Contact: own[3], Rows: rows, Plan: own[5], ExecutedOn: on, Target: own[7], Bundle: own[8],
	}, nil
}
