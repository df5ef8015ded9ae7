// Package atomicfile replaces files whole or not at all.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write gives the file at path the content data and the permissions mode, whatever
// the umask. Whoever opens it sees the old content or the new one, also when the
// machine stops midway; after an error the old file is there as it was. A link at
// path is replaced, not followed.
func Write(path string, data []byte, mode fs.FileMode) error {
	return replace(path, mode, func(temp *os.File) error {
		_, err := temp.Write(data)
		return err
	})
}

// replace puts what fill writes at path. The temporary file is beside it, on the
// same file system, and readable by its owner only until it is complete.
func replace(path string, mode fs.FileMode, fill func(*os.File) error) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	err = fill(temp)
	if err == nil {
		err = temp.Chmod(mode)
	}
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
