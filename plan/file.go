package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/registrar-sync/registrar/internal/atomicfile"
)

// formatVersion of the plan file. A file of another version is refused. Version 3 has another
// definition of the digest.
const formatVersion = 3

// envelope is the plan file: the plan, and a checksum of its compact JSON.
type envelope struct {
	FormatVersion int             `json:"format_version"`
	Checksum      string          `json:"checksum"`
	Plan          json.RawMessage `json:"plan"`
}

// FileError says why a plan file cannot be used.
type FileError struct {
	Path   string
	Reason string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("plan file %s: %s", e.Path, e.Reason)
}

// Save writes the plan file: whole or not at all, readable by its owner only. It replaces
// nothing but another plan file.
func (p *Plan) Save(path string) error {
	if err := Replaceable(path); err != nil {
		return err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	text, err := json.MarshalIndent(envelope{FormatVersion: formatVersion, Checksum: checksum(body), Plan: body}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	if err := atomicfile.Write(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	return nil
}

// Replaceable returns an error where path is something that Save does not replace: a
// device, or a file that is no plan.
func Replaceable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	refused := &FileError{path, "it exists and is no plan file: name another one, or remove it"}
	if !info.Mode().IsRegular() {
		return refused
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	// A plan that was cut still begins as one.
	if start := bytes.Join(bytes.Fields(text[:min(len(text), 100)]), nil); len(text) > 0 && !bytes.HasPrefix(start, []byte(`{"format_version":`)) {
		return refused
	}
	return nil
}

// Open reads a plan file, or returns a *FileError that says what is wrong with it.
func Open(path string) (*Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the plan file: %w", err)
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil || e.Plan == nil || e.FormatVersion == 0 {
		return nil, &FileError{path, "it is cut, or not a plan file: plan again"}
	}
	if e.FormatVersion < formatVersion {
		return nil, &FileError{path, fmt.Sprintf("it is of format version %d, written by an older registrar; this one reads %d: plan again", e.FormatVersion, formatVersion)}
	}
	if e.FormatVersion > formatVersion {
		return nil, &FileError{path, fmt.Sprintf("it is of format version %d, this registrar reads %d: use the registrar that wrote it", e.FormatVersion, formatVersion)}
	}
	var body bytes.Buffer
	if err := json.Compact(&body, e.Plan); err != nil || checksum(body.Bytes()) != e.Checksum {
		return nil, &FileError{path, "it was changed after it was written: plan again"}
	}
	var p Plan
	if err := json.Unmarshal(body.Bytes(), &p); err != nil {
		return nil, &FileError{path, "it is not a plan file: plan again"}
	}
	return &p, nil
}

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
