package bundle

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxDocument = 16 << 20 // octets of bundle.json
	// maxRatio is how many times larger than the ZIP the data may be, where they are more than freeOctets: registrar's are ten times
	// larger, and those of a file made to fill memory or disks a thousand times.
	maxRatio   = 500
	freeOctets = 64 << 20
	// maxDirectory bounds the octets of the ZIP's directory, which is held in memory before anything else is known: thrice those of
	// a bundle with maxListed faculties and syncs.
	maxDirectory = 16 << 20
)

// expands reports whether data of so many octets are too many for a ZIP of that size.
func expands(data, zipped int64) bool { return data > freeOctets && data/maxRatio > zipped }

// archive is an open ZIP, whose files are those that its document lists.
type archive struct {
	name   string // as messages show it
	file   *os.File
	size   int64
	zip    *zip.Reader
	files  map[string]*zip.File
	listed map[string]entry
}

func (a *archive) shown(name string) string { return a.name + ": " + name }

// openArchive opens the ZIP of that digest. Its files are looked at, but not read.
func openArchive(ctx context.Context, root *os.Root, name, digest string) (_ *archive, err error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, faulty(name, 0, "it is missing: copy both files of the bundle into one folder, under the names that they were exported as")
	case err != nil:
		return nil, faulty(name, 0, "it cannot be read: %s", bare(err))
	case !info.Mode().IsRegular():
		return nil, faulty(name, 0, "it is not a file")
	}
	a := &archive{name: name, files: map[string]*zip.File{}, listed: map[string]entry{}, size: info.Size()}
	if a.file, err = root.Open(name); err != nil {
		return nil, faulty(name, 0, "it cannot be read: %s", bare(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.file.Close())
		}
	}()
	sum := sha256.New()
	if a.size, err = io.Copy(sum, &interruptible{ctx, a.file}); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, faulty(name, 0, "it cannot be read: %s", bare(err))
	}
	if found := hex.EncodeToString(sum.Sum(nil)); found != digest {
		return nil, faulty(name, 0, "its SHA-256 is %s, and the manifest says %s: it was changed or cut off on its way, or is another manifest's. Copy both files again, or export again", found, digest)
	}
	directory := &bounded{in: a.file, left: maxDirectory}
	if a.zip, err = zip.NewReader(directory, a.size); errors.Is(err, errDirectory) {
		return nil, faulty(name, 0, "its directory has more than %d MiB: it is not a bundle of registrar's", maxDirectory>>20)
	} else if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, faulty(name, 0, "it is not a ZIP file, or its end is missing: copy it again, or export again")
	}
	directory.whole = true
	return a, a.index(ctx)
}

var errDirectory = errors.New("the directory is too long")

// bounded reads a file in places, no more than so much of it until it is whole.
type bounded struct {
	in    io.ReaderAt
	left  int
	whole bool
}

// ReadAt implements io.ReaderAt.
func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if b.whole {
		return b.in.ReadAt(p, at)
	}
	if b.left -= len(p); b.left < 0 {
		return 0, errDirectory
	}
	return b.in.ReadAt(p, at)
}

// interruptible is a reader that ends with its context.
type interruptible struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// index finds the files of the ZIP, and refuses those that a bundle does not have.
func (a *archive) index(ctx context.Context) error {
	var end int64 // of the file before
	files := slices.Clone(a.zip.File)
	offsets := make(map[*zip.File]int64, len(files))
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if reason := suspicious(f); reason != "" {
			return faulty(a.name, 0, "its entry %q %s: registrar writes none such, the bundle is not to be trusted", f.Name, reason)
		}
		if a.files[f.Name] != nil {
			return faulty(a.name, 0, "its entry %q is there twice: the bundle is not to be trusted", f.Name)
		}
		a.files[f.Name] = f
		offset, err := f.DataOffset()
		if err != nil {
			return faulty(a.name, 0, "its entry %q does not begin where the directory says: the bundle was changed, export again", f.Name)
		}
		offsets[f] = offset
	}
	slices.SortStableFunc(files, func(x, y *zip.File) int { return int(min(max(offsets[x]-offsets[y], -1), 1)) })
	for _, f := range files {
		// Files that share their octets make much of little.
		if offsets[f] < end || f.CompressedSize64 > uint64(a.size-offsets[f]) {
			return faulty(a.name, 0, "its entry %q overlaps with another one, or with the end: the bundle is not to be trusted", f.Name)
		}
		end = offsets[f] + int64(f.CompressedSize64)
	}
	return nil
}

// suspicious says what is wrong with an entry; "" where nothing is.
func suspicious(f *zip.File) string {
	const encrypted, strongly, masked = 1 << 0, 1 << 6, 1 << 13
	switch name := f.Name; {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "has a name that is no text"
	case strings.Contains(name, `\`):
		return "has a backslash in its name"
	case strings.HasPrefix(name, "/") || strings.Contains(name, ":"):
		return "has an absolute path"
	case slices.Contains(strings.Split(name, "/"), ".."):
		return "climbs out of its folder"
	case strings.HasSuffix(name, "/") || f.Mode().IsDir():
		return "is a folder"
	case !f.Mode().IsRegular():
		return "is a link, or no file"
	case f.Flags&(encrypted|strongly|masked) != 0:
		return "is encrypted"
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return "is compressed by a method that registrar does not use"
	default:
		return ""
	}
}

// document reads bundle.json, and holds the list of entries in it against the ZIP's.
func (a *archive) document(ctx context.Context) (*document, error) {
	f := a.files[documentName]
	if f == nil {
		return nil, faulty(a.name, 0, "it has no entry %s: it is not a bundle of registrar's", documentName)
	}
	if f.UncompressedSize64 > maxDocument {
		return nil, faulty(a.shown(documentName), 0, "it has more than %d MiB: it is not a bundle of registrar's", maxDocument>>20)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := f.Open()
	if err != nil {
		return nil, faulty(a.shown(documentName), 0, "it cannot be read: the bundle was changed, export again")
	}
	text, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err = errors.Join(err, in.Close()); err != nil || len(text) > maxDocument {
		return nil, faulty(a.shown(documentName), 0, "it cannot be decompressed, or is longer than said: the bundle was changed, export again")
	}
	if !utf8.Valid(text) {
		return nil, faulty(a.shown(documentName), 0, "%s", errUTF8)
	}
	d, err := decodeDocument(text)
	if err != nil {
		return nil, faulty(a.shown(documentName), 0, "%s", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d, a.list(d)
}

func (a *archive) list(d *document) error {
	var total int64
	for _, e := range d.entries() {
		f := a.files[e.Entry]
		if f == nil {
			return faulty(a.name, 0, "it lacks the entry %q, which %s lists: the bundle was changed, export again", e.Entry, documentName)
		}
		if e.Octets < 0 || f.UncompressedSize64 != uint64(e.Octets) {
			return faulty(a.shown(e.Entry), 0, "it has %d octets, and %s says %d: the bundle was changed, export again", f.UncompressedSize64, documentName, e.Octets)
		}
		if total += e.Octets; total < 0 || expands(total, a.size) {
			return faulty(a.name, 0, "its data are more than %d times larger than the ZIP: it would fill memory or disks, and is not to be trusted", maxRatio)
		}
		a.listed[e.Entry] = e
	}
	for _, f := range a.zip.File {
		if _, ok := a.listed[f.Name]; !ok && f.Name != documentName {
			return faulty(a.name, 0, "its entry %q is not listed in %s: the bundle is not to be trusted", f.Name, documentName)
		}
	}
	return nil
}

// open reads a listed file.
func (a *archive) open(name string) (*entryReader, error) {
	if a == nil {
		return nil, errors.New("the bundle was written, and is to be opened before it is read")
	}
	in, err := a.files[name].Open()
	if err != nil {
		return nil, faulty(a.shown(name), 0, "it cannot be read: the bundle was changed, export again")
	}
	return newEntryReader(in, a.shown(name), a.listed[name]), nil
}
