package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/providers/bundle"
)

// Bundles that somebody made, so that the ZIP's digest is the manifest's.
func TestHostileZIPs(t *testing.T) {
	t.Parallel()
	origin := t.TempDir()
	write(t, origin, staff())
	manifest, err := os.ReadFile(filepath.Join(origin, "transfer.csv"))
	must(t, err)
	honest := unzip(t, filepath.Join(origin, "transfer.zip"))
	names := []string{}
	for name := range honest {
		names = append(names, name)
	}
	slices.Sort(names)
	add := func(t *testing.T, w *zip.Writer, name, content string) {
		t.Helper()
		out, err := w.Create(name)
		must(t, err)
		_, err = out.Write([]byte(content))
		must(t, err)
	}
	all := func(t *testing.T, w *zip.Writer, but ...string) {
		t.Helper()
		for _, name := range names {
			if !slices.Contains(but, name) {
				add(t, w, name, honest[name])
			}
		}
	}
	extra := func(name string) func(*testing.T, *zip.Writer) {
		return func(t *testing.T, w *zip.Writer) { all(t, w); add(t, w, name, "x") }
	}
	header := func(h *zip.FileHeader) func(*testing.T, *zip.Writer) {
		return func(t *testing.T, w *zip.Writer) {
			all(t, w)
			out, err := w.CreateHeader(h)
			must(t, err)
			_, err = out.Write([]byte("target"))
			must(t, err)
		}
	}
	link := &zip.FileHeader{Name: "link"}
	link.SetMode(fs.ModeSymlink | 0o777)
	const rows = "faculty-1/sync-1.csv"
	// instead replaces an entry, and describes it in bundle.json as it is then.
	instead := func(name, content string, change func(map[string]any)) func(*testing.T, *zip.Writer) {
		return func(t *testing.T, w *zip.Writer) {
			var d map[string]any
			must(t, json.Unmarshal([]byte(honest["bundle.json"]), &d))
			sum := sha256.Sum256([]byte(content))
			described := at(d, "faculties", 0, "syncs", 0, "data")
			described["octets"], described["sha256"] = len(content), hex.EncodeToString(sum[:])
			if change != nil {
				change(d)
			}
			text, err := json.Marshal(d)
			must(t, err)
			all(t, w, name, "bundle.json")
			add(t, w, name, content)
			add(t, w, "bundle.json", string(text))
		}
	}
	records := func(lines ...string) string {
		return "id,code,label,deleted_on\r\n" + strings.Join(lines, "\r\n") + "\r\n"
	}
	for want, build := range map[string]func(*testing.T, *zip.Writer){
		`"../evil" climbs out`:               extra("../evil"),
		`"a/../../evil" climbs out`:          extra("a/../../evil"),
		`"/etc/passwd" has an absolute path`: extra("/etc/passwd"),
		`"C:evil" has an absolute path`:      extra("C:evil"),
		`has a backslash`:                    extra(`..\evil`),
		`"folder/" is a folder`: func(t *testing.T, w *zip.Writer) {
			all(t, w)
			add(t, w, "folder/", "")
		},
		`has a name that is no text`:     extra("a\nb"),
		`"more.csv" is not listed`:       extra("more.csv"),
		`"` + rows + `" is there twice`:  extra(rows),
		`"link" is a link`:               header(link),
		`is encrypted`:                   header(&zip.FileHeader{Name: "secret", Flags: 1}),
		`lacks the entry "` + rows + `"`: func(t *testing.T, w *zip.Writer) { all(t, w, rows) },
		`has no entry bundle.json`:       func(t *testing.T, w *zip.Writer) { all(t, w, "bundle.json") },
		`its SHA-256 is not the one`: func(t *testing.T, w *zip.Writer) {
			all(t, w, rows)
			add(t, w, rows, strings.Replace(honest[rows], "D1", "D0", 1))
		},
		`and bundle.json says`: func(t *testing.T, w *zip.Writer) {
			all(t, w, rows)
			add(t, w, rows, honest[rows]+"x")
		},
		`format version 2, and this registrar reads version 1`: instead(rows, honest[rows], func(d map[string]any) { d["format_version"] = 2 }),
		`not the JSON that was expected`:                       instead(rows, honest[rows], func(d map[string]any) { d["surprise"] = 1 }),
		`are not those of its schema_sha256`:                   instead(rows, honest[rows], func(d map[string]any) { at(d, "faculties", 0, "syncs", 0, "columns", 2)["kind"] = "bytes" }),
		`of the kind "colour"`:                                 instead(rows, honest[rows], func(d map[string]any) { at(d, "faculties", 0, "syncs", 0, "columns", 2)["kind"] = "colour" }),
		`expected "faculty-1/sync-1.csv"`:                      instead(rows, honest[rows], func(d map[string]any) { at(d, "faculties", 0, "syncs", 0, "data")["entry"] = "../../etc/passwd" }),
		`counts contradict`:                                    instead(rows, honest[rows], func(d map[string]any) { at(d, "faculties", 0, "syncs", 0)["archived"] = 4 }),
		`Label is "hss", and transfer.zip says "law"`:          instead(rows, honest[rows], func(d map[string]any) { at(d, "faculties", 0)["label"] = "law" }),
		`has 2 rows, and bundle.json says 3`:                   instead(rows, records(`1,a,,`, `2,b,,`), nil),
		`line 3: it is out of order`:                           instead(rows, records(`1,b,,`, `2,a,,`, `3,c,,`), nil),
		`line 3: it has the key of the row before`:             instead(rows, records(`1,a,,`, `2,a,,`, `3,c,,`), nil),
		`line 2: its key is NULL`:                              instead(rows, records(`1,,,`, `2,a,,`, `3,c,,`), nil),
		`line 2: the record has 3 fields, expected 4`:          instead(rows, records(`1,a,`, `2,b,,`, `3,c,,`), nil),
		`line 2: column "id": the value does not fit`:          instead(rows, records(`one,a,,`, `2,b,,`, `3,c,,`), nil),
		`line 2: column "id": the integer is not spelt`:        instead(rows, records(`01,a,,`, `2,b,,`, `3,c,,`), nil),
		`line 2: a field stands in quotes without need`:        instead(rows, records(`1,"a",,`, `2,b,,`, `3,c,,`), nil),
		`line 2: a quote stands within`:                        instead(rows, records(`1,a"a,,`, `2,b,,`, `3,c,,`), nil),
		`line 2: it is not UTF-8`:                              instead(rows, records("1,\xff,,", `2,b,,`, `3,c,,`), nil),
		`line 2: a record does not end with CR LF`:             instead(rows, "id,code,label,deleted_on\r\n1,a,,\n2,b,,\r\n3,c,,\r\n", nil),
		`line 4: the file ends within a record`:                instead(rows, strings.TrimSuffix(records(`1,a,,`, `2,b,,`, `3,c,"`), "\r\n"), nil),
		`line 1: the names of its columns are not`:             instead(rows, strings.Replace(records(`1,a,,`, `2,b,,`, `3,c,,`), "label", "name", 1), nil),
		`it is empty, expected the names`:                      instead(rows, "", nil),
		`more than 500 times larger`:                           instead(rows, records(`1,a,`+strings.Repeat("0", 70<<20)+`,`, `2,b,,`, `3,c,,`), nil),
	} {
		t.Run(want, func(t *testing.T) {
			path := pack(t, t.TempDir(), manifest, func(w *zip.Writer) { build(t, w) })
			_, err := bundle.Open(t.Context(), path)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("error %v", err)
			}
			wantFormatError(t, err)
		})
	}
	path := pack(t, t.TempDir(), manifest, func(w *zip.Writer) { all(t, w) })
	open(t, path) // packed again, it is the same bundle: the tests above fail for what they change
}

// at walks into decoded JSON.
func at(d map[string]any, path ...any) map[string]any {
	var here any = d
	for _, step := range path {
		switch step := step.(type) {
		case string:
			here = here.(map[string]any)[step] //nolint:forcetypeassert // a test's own document
		case int:
			here = here.([]any)[step] //nolint:forcetypeassert // as above
		}
	}
	return here.(map[string]any) //nolint:forcetypeassert // as above
}

// Sizes that are lies are found out before anything is filled with what they hide.
//
//nolint:paralleltest // it measures the memory that the process takes
func TestZipBombs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, staff())
	manifest, err := os.ReadFile(filepath.Join(dir, "transfer.csv"))
	must(t, err)
	honest := unzip(t, filepath.Join(dir, "transfer.zip"))
	const rows = "faculty-1/sync-1.csv"
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range honest {
		if name == rows {
			content += strings.Repeat("0", 100<<20)
		}
		entry, err := w.Create(name)
		must(t, err)
		_, err = entry.Write([]byte(content))
		must(t, err)
	}
	must(t, w.Close())
	// The directory says what bundle.json does; the data say otherwise.
	zipped := out.Bytes()
	size := func(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }
	directory := bytes.Index(zipped, []byte("PK\x01\x02"))
	lied := bytes.ReplaceAll(zipped[directory:], size(len(honest[rows])+100<<20), size(len(honest[rows])))
	if bytes.Equal(lied, zipped[directory:]) {
		t.Fatal("the directory was not changed")
	}
	path := seal(t, dir, manifest, append(bytes.Clone(zipped[:directory]), lied...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = bundle.Open(t.Context(), path)
	runtime.ReadMemStats(&after)
	wantFormatError(t, err)
	if more := after.TotalAlloc - before.TotalAlloc; more > 32<<20 {
		t.Errorf("%d MiB were taken to find out", more>>20)
	}
	// Entries that share their octets.
	zipped, err = os.ReadFile(filepath.Join(dir, "transfer.zip"))
	must(t, err)
	second := bytes.LastIndex(zipped, []byte("PK\x01\x02"))
	first := bytes.Index(zipped, []byte("PK\x01\x02"))
	copy(zipped[second+42:second+46], zipped[first+42:first+46])
	_, err = bundle.Open(t.Context(), seal(t, dir, manifest, zipped))
	if err == nil || !strings.Contains(err.Error(), "overlaps") {
		t.Errorf("error %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct {
		do   func(dir string) error
		want string
	}{
		"no manifest": {func(dir string) error { return os.Remove(filepath.Join(dir, "transfer.csv")) }, "transfer.csv: it is missing"},
		"no ZIP":      {func(dir string) error { return os.Remove(filepath.Join(dir, "transfer.zip")) }, "transfer.zip: it is missing"},
		"ZIP cut off": {func(dir string) error { return os.Truncate(filepath.Join(dir, "transfer.zip"), 700) }, "transfer.zip: its SHA-256 is"},
		"ZIP is a link out": {func(dir string) error {
			path := filepath.Join(dir, "transfer.zip")
			outside := filepath.Join(filepath.Dir(dir), "outside.zip")
			if err := os.Rename(path, outside); err != nil {
				return err
			}
			return os.Symlink(outside, path)
		}, "transfer.zip: it cannot be read"},
		"ZIP is a folder": {func(dir string) error {
			path := filepath.Join(dir, "transfer.zip")
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Mkdir(path, 0o700)
		}, "transfer.zip: it is not a file"},
		"the ZIP as manifest": {func(dir string) error {
			return os.Rename(filepath.Join(dir, "transfer.zip"), filepath.Join(dir, "transfer.csv"))
		}, "name the manifest, the CSV file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "bundle")
			must(t, os.Mkdir(dir, 0o700))
			manifest := write(t, dir, staff())
			must(t, damage.do(dir))
			_, err := bundle.Open(t.Context(), manifest)
			if err == nil || !strings.Contains(err.Error(), damage.want) {
				t.Fatalf("error %v", err)
			}
			wantFormatError(t, err)
		})
	}
	// Not a ZIP at all, though it is the one that the manifest names; and one without its end.
	dir := t.TempDir()
	write(t, dir, staff())
	manifest, err := os.ReadFile(filepath.Join(dir, "transfer.csv"))
	must(t, err)
	zipped, err := os.ReadFile(filepath.Join(dir, "transfer.zip"))
	must(t, err)
	for _, content := range [][]byte{nil, []byte("PK"), zipped[:len(zipped)-30]} {
		if _, err := bundle.Open(t.Context(), seal(t, dir, manifest, content)); err == nil || !strings.Contains(err.Error(), "is not a ZIP file, or its end is missing") {
			t.Errorf("error %v", err)
		}
	}
}

// A row that changes behind the verification's back is not delivered as if it were the one exported.
func TestChangedWhileOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := staff()
	f.tables = f.tables[:1]
	f.tables[0].rows = nil
	for i := range 20000 {
		f.tables[0].rows = append(f.tables[0].rows, []bundle.Cell{text(fmt.Sprint(i)), text(fmt.Sprintf("%06d", i)), text(fmt.Sprint("label ", i*7919%10007)), null()})
	}
	f.plans, f.operations, f.findings = nil, nil, nil
	b := open(t, write(t, dir, f))
	path := filepath.Join(dir, "transfer.zip")
	content, err := os.ReadFile(path)
	must(t, err)
	content[len(content)/2] ^= 0x10
	must(t, os.WriteFile(path, content, 0o600))
	rows, err := b.Rows(&b.Faculties[0], &b.Faculties[0].Syncs[0])
	must(t, err)
	defer rows.Close()
	for err == nil {
		_, err = rows.Next()
	}
	wantFormatError(t, err)
}

// One octet of the ZIP is another, and the manifest agrees: what opens all the same has the very rows.
func TestEveryOctet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	honest := open(t, write(t, dir, staff()))
	manifest, err := os.ReadFile(filepath.Join(dir, "transfer.csv"))
	must(t, err)
	zipped, err := os.ReadFile(filepath.Join(dir, "transfer.zip"))
	must(t, err)
	into := t.TempDir()
	for i := range zipped {
		changed := bytes.Clone(zipped)
		changed[i] ^= 1 << (i % 8)
		b, err := bundle.Open(t.Context(), seal(t, into, manifest, changed))
		if err != nil {
			wantFormatError(t, err)
			continue
		}
		must(t, b.Close())
		for j, f := range b.Faculties {
			for k, s := range f.Syncs {
				if want := honest.Faculties[j].Syncs[k]; s.Digest != want.Digest || s.Schema != want.Schema || s.Rows != want.Rows {
					t.Errorf("octet %d: %s is another", i, s.Address)
				}
			}
		}
	}
}
