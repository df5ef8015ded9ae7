package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

var (
	_ providers.Examiner          = (*destination)(nil)
	_ providers.PrivilegeExaminer = (*destination)(nil)
)

// Examine implements providers.Examiner: it examines the store, and looks for files that wait for their places.
func (d *destination) Examine(ctx context.Context) (findings []providers.Finding, err error) {
	if examiner, ok := d.Destination.(providers.Examiner); ok {
		if findings, err = examiner.Examine(ctx); err != nil {
			return nil, err
		}
	}
	for i := range findings {
		switch f := &findings[i]; f.Subject {
		case "charset": // the store's own concerns nobody
			f.Found = d.format.Charset()
		case "writing":
			f.Found = "the register: " + f.Found
		}
	}
	if slices.ContainsFunc(findings, func(f providers.Finding) bool { return f.State != providers.FindingOK }) {
		return findings, nil // what waits cannot be asked for, or changes meanwhile
	}
	waiting, err := d.waiting(ctx)
	for _, shown := range waiting {
		findings = append(findings, providers.Finding{
			Subject: "files", State: providers.FindingWarning, Found: shown + " is still to be replaced by the new file beside it",
			Remedy: "close what holds it open, and let the user who runs registrar write its folder: the next plan or apply tries again",
		})
	}
	return findings, err
}

// waiting lists the files that an apply could not replace.
func (d *destination) waiting(ctx context.Context) (shown []string, err error) {
	conn, err := d.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := d.Begin(ctx, conn, 0)
	if errors.Is(err, providers.ErrLocked) {
		return nil, nil // somebody is about to settle them
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	if err := d.makeRecords(ctx, tx); err != nil { // to ask it; what is rolled back leaves nothing
		return nil, err
	}
	tables, err := d.pending(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		r, err := d.load(ctx, tx, table)
		if err != nil {
			return nil, err
		}
		shown = append(shown, d.directory.Name(r.file))
	}
	return shown, nil
}

// Privileges implements providers.PrivilegeExaminer: it opens the files of tables, and makes a file in each of
// their folders that it removes again.
func (d *destination) Privileges(ctx context.Context, needed providers.Needs) (findings []providers.Finding, err error) {
	root, err := d.directory.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	problem := func(found, remedy string) {
		f := providers.Finding{Subject: "files", State: providers.FindingProblem, Found: found, Remedy: remedy}
		if !slices.Contains(findings, f) {
			findings = append(findings, f)
		}
	}
	folders := map[string]bool{} // true: usable
	for _, need := range needed.Tables {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := d.file(need.Table)
		if err != nil {
			problem(err.Error(), "correct the table's name in the configuration")
			continue
		}
		folder := path.Dir(file)
		usable, known := folders[folder]
		if !known {
			err := folderUsable(root, folder, needed.Apply)
			if err != nil {
				problem(fmt.Sprintf("the directory %s: %s", d.directory.Name(folder), err), "create it, and let the user who runs registrar write it")
			}
			usable = err == nil
			folders[folder] = usable
		}
		if !usable {
			continue
		}
		if err := readable(root, file); err != nil {
			problem(fmt.Sprintf("%s: %s", d.directory.Name(file), err), "let it be a file that the user who runs registrar may read, or remove it")
		}
	}
	if len(findings) > 0 {
		return findings, nil
	}
	found := "those that are there may be read"
	if needed.Apply {
		found += ", and all may be written"
	}
	return []providers.Finding{{Subject: "files", State: providers.FindingOK, Found: found}}, nil
}

// folderUsable says why no file can be written to a folder, if it is asked to.
func folderUsable(root *os.Root, folder string, write bool) error {
	info, err := root.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("it does not exist")
	case err != nil:
		return filetable.Bare(err)
	case !info.IsDir():
		return errors.New("it is a file")
	case !write:
		return nil
	}
	probe := path.Join(folder, ".registrar-"+rand.Text()+".new")
	file, err := root.OpenFile(probe, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("no file can be made there: %w", filetable.Bare(err))
	}
	return errors.Join(file.Close(), remove(root, probe))
}

// readable says why a file cannot be read; one that is not there yet can.
func readable(root *os.Root, name string) error {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return filetable.Bare(err)
	}
	if !info.Mode().IsRegular() {
		return errNotRegular
	}
	file, err := root.Open(name)
	if err != nil {
		return filetable.Bare(err)
	}
	return file.Close()
}
