package bundle_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/providers/bundle"
)

// Small files that list or repeat much are refused before they take minutes, or the memory.
func TestBounds(t *testing.T) {
	t.Parallel()
	origin := t.TempDir()
	write(t, origin, staff())
	manifest, err := os.ReadFile(filepath.Join(origin, "transfer.csv"))
	must(t, err)
	honest := unzip(t, filepath.Join(origin, "transfer.zip"))
	const rows, plans = "faculty-1/sync-1.csv", "faculty-1/plans.jsonl"
	described := func(t *testing.T, changed map[string]any, entry, content string) map[string]string {
		t.Helper()
		files := maps.Clone(honest)
		if entry != "" {
			sum := sha256.Sum256([]byte(content))
			data := at(changed, "faculties", 0, "syncs", 0, "data")
			if entry == plans {
				data = at(changed, "faculties", 0, "history", "plans")
			}
			data["octets"], data["sha256"] = len(content), hex.EncodeToString(sum[:])
			files[entry] = content
		}
		text, err := json.Marshal(changed)
		must(t, err)
		files["bundle.json"] = string(text)
		return files
	}
	repeated := func(one any, n int) []any { return slices.Repeat([]any{one}, n) }
	for want, build := range map[string]func(t *testing.T, d map[string]any) map[string]string{
		"520000 faculties, and a bundle at most 10000": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			d["faculties"] = repeated(map[string]any{"id_export": "a"}, 520_000)
			return described(t, d, "", "")
		},
		"10002 syncs": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			one := map[string]any{"id_export": "a", "syncs": repeated(map[string]any{}, 5001)}
			d["faculties"] = repeated(one, 2)
			return described(t, d, "", "")
		},
		"sync 1 of faculty 1: it has 10001 columns,": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			at(d, "faculties", 0, "syncs", 0)["columns"] = repeated(map[string]any{"name": "a", "kind": "text"}, 10_001)
			return described(t, d, "", "")
		},
		"10001 columns in its key": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			at(d, "faculties", 0, "syncs", 0)["key"] = repeated("code", 10_001)
			return described(t, d, "", "")
		},
		"10001 columns left out": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			at(d, "faculties", 0, "syncs", 0)["without"] = repeated("code", 10_001)
			return described(t, d, "", "")
		},
		"10002 values in its scope": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			at(d, "faculties", 0, "syncs", 0)["scope"] = []any{}
			at(d, "faculties", 0, "syncs", 0)["parents"] = repeated(map[string]any{"where": repeated(map[string]any{}, 5000)}, 2)
			return described(t, d, "", "")
		},
		"line 2: the record has more than 4 fields": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			return described(t, d, rows, "id,code,label,deleted_on\r\n"+strings.Repeat(",", 20<<20)+"\r\n")
		},
		`line 2: column "id": the integer has more than 200000 octets`: func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			return described(t, d, rows, "id,code,label,deleted_on\r\n"+strings.Repeat("9", 20<<20)+",a,,\r\n")
		},
		"line 1: it is not an applied plan": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			first, rest, _ := strings.Cut(honest[plans], "\n")
			var one map[string]any
			must(t, json.Unmarshal([]byte(first), &one))
			one["id"] = strings.Repeat("0", 20<<20)
			text, err := json.Marshal(one)
			must(t, err)
			return described(t, d, plans, string(text)+"\n"+rest)
		},
		"its directory has more than 16 MiB": func(t *testing.T, d map[string]any) map[string]string {
			t.Helper()
			files := described(t, d, "", "")
			for i := range 300 {
				files[fmt.Sprintf("%0*d", 60_000, i)] = ""
			}
			return files
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			var d map[string]any
			must(t, json.Unmarshal([]byte(honest["bundle.json"]), &d))
			files := build(t, d)
			path := pack(t, t.TempDir(), manifest, func(w *zip.Writer) {
				for _, name := range slices.Sorted(maps.Keys(files)) {
					out, err := w.Create(name)
					must(t, err)
					_, err = out.Write([]byte(files[name]))
					must(t, err)
				}
			})
			began := time.Now()
			_, err := bundle.Open(t.Context(), path)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("error %.500v", err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if len(err.Error()) > 500 {
				t.Errorf("a message of %d octets", len(err.Error()))
			}
		})
	}
	var lines strings.Builder
	first, line, _ := strings.Cut(string(manifest), "\r\n")
	lines.WriteString(first + "\r\n")
	for range 10_001 {
		lines.WriteString(line)
	}
	_, err = bundle.Open(t.Context(), seal(t, t.TempDir(), []byte(lines.String()), []byte("PK")))
	if want := "line 10002: it is line 10001 of a faculty"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Whoever ends the program waits for no loop.
func TestOpenEnds(t *testing.T) {
	t.Parallel()
	path := write(t, t.TempDir(), staff())
	ctx := &ending{Context: t.Context()}
	b, err := bundle.Open(ctx, path)
	must(t, err)
	must(t, b.Close())
	for left := range ctx.asked {
		if _, err := bundle.Open(&ending{Context: t.Context(), left: left, ends: true}, path); !errors.Is(err, errEnded) {
			t.Errorf("asked %d times: error %v", left, err)
		}
	}
}

var errEnded = errors.New("ended")

// ending is a context that ends after it was asked so many times.
type ending struct {
	context.Context //nolint:containedctx // it is one

	ends        bool
	asked, left int
}

func (e *ending) Err() error {
	if e.asked++; e.ends && e.asked > e.left {
		return errEnded
	}
	return nil
}
