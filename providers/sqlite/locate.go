package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator: the file, those that SQLite keeps beside it, and the file that a journal names,
// which is read and deleted where SQLite ends a transaction that another process left.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	path, err := locate(attributes, dir)
	if err != nil {
		return providers.Location{}, errors.New("path is not set")
	}
	if path, err = providers.ResolvePath(path, dir); err != nil {
		return providers.Location{}, err
	}
	where := providers.Location{Paths: []string{path}}
	for _, suffix := range []string{"-journal", "-wal", "-shm"} {
		beside, err := providers.ResolvePath(path+suffix, dir)
		if err != nil {
			return providers.Location{}, err
		}
		if beside != path+suffix {
			where.Paths = append(where.Paths, beside)
		}
	}
	super, err := superJournal(path + "-journal")
	if err != nil {
		return providers.Location{}, fmt.Errorf("its journal cannot be read: %w", err)
	}
	if super != "" {
		if !filepath.IsAbs(super) {
			return providers.Location{}, errors.New("its journal names another file by a relative path")
		}
		if super, err = providers.ResolvePath(super, dir); err != nil {
			return providers.Location{}, err
		}
		where.Paths = append(where.Paths, super)
	}
	return where, nil
}

// superJournal returns the name at the end of a rollback journal, "" where there is none: the name, its length, a
// checksum and eight octets that say that it is one.
func superJournal(journal string) (string, error) {
	const trailer, longest = 16, 4096
	info, err := os.Stat(journal)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", providers.BareError(err)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no file")
	}
	if info.Size() < trailer {
		return "", nil
	}
	file, err := os.Open(journal)
	if err != nil {
		return "", providers.BareError(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	end := make([]byte, min(info.Size(), longest+trailer))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil && !errors.Is(err, io.EOF) {
		return "", providers.BareError(err)
	}
	if !bytes.HasSuffix(end, []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}) {
		return "", nil
	}
	name := end[:len(end)-trailer]
	length := binary.BigEndian.Uint32(end[len(name):])
	if int64(length) > int64(len(name)) {
		return "", errors.New("it names another file in a way that is not known")
	}
	return string(name[len(name)-int(length):]), nil
}
