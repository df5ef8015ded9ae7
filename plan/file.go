package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// formatVersion of the plan file. A file of another version is refused.
const formatVersion = 1

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

// Save writes the plan file: whole or not at all, readable by its owner only.
func (p *Plan) Save(path string) (err error) {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	text, err := json.MarshalIndent(envelope{FormatVersion: formatVersion, Checksum: checksum(body), Plan: body}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the plan: %w", err)
	}
	// os.CreateTemp makes the file with mode 0600.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(append(text, '\n'))
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("write the plan file: %w", err)
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("write the plan file: %w", err)
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
	if e.FormatVersion != formatVersion {
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
