package transfer_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/transfer"
)

// reseal changes the files of a bundle, so that every digest is of what is there then.
func reseal(t testing.TB, manifest string, change func(files map[string]string, document map[string]any)) {
	t.Helper()
	path := strings.TrimSuffix(manifest, ".csv") + ".zip"
	whole := readText(t, path)
	in, err := zip.NewReader(strings.NewReader(whole), int64(len(whole)))
	must(t, err)
	files := map[string]string{}
	for _, f := range in.File {
		r, err := f.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, errors.Join(err, r.Close()))
		files[f.Name] = string(text)
	}
	var document map[string]any
	must(t, json.Unmarshal([]byte(files["bundle.json"]), &document))
	delete(files, "bundle.json")
	change(files, document)
	var describe func(any)
	describe = func(one any) {
		switch one := one.(type) {
		case []any:
			for _, element := range one {
				describe(element)
			}
		case map[string]any:
			if name, ok := one["entry"].(string); ok {
				sum := sha256.Sum256([]byte(files[name]))
				one["octets"], one["sha256"] = len(files[name]), hex.EncodeToString(sum[:])
				if strings.HasSuffix(name, ".jsonl") {
					one["records"] = strings.Count(files[name], "\n")
				}
			}
			for _, element := range one {
				describe(element)
			}
		}
	}
	describe(document)
	text, err := json.Marshal(document)
	must(t, err)
	files["bundle.json"] = string(text)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		entry, err := w.Create(name)
		must(t, err)
		_, err = entry.Write([]byte(files[name]))
		must(t, err)
	}
	must(t, w.Close())
	writeText(t, path, out.String())
	before, after := sha256.Sum256([]byte(whole)), sha256.Sum256(out.Bytes())
	writeText(t, manifest, strings.ReplaceAll(readText(t, manifest), hex.EncodeToString(before[:]), hex.EncodeToString(after[:])))
}

// imports plans and applies an import into a faculty with the same code.
func (s *server) imports(manifest string) error {
	s.Helper()
	in, err := transfer.OpenImport(s.Context(), s.load(), transfer.Options{Providers: exporters(), LockTimeout: 20 * time.Second, Manifest: manifest})
	if err != nil {
		return err
	}
	defer in.Close()
	p, err := in.Plan(s.Context(), s.planOptions())
	if err != nil {
		return err
	}
	_, err = in.Apply(s.Context(), p, s.applyOptions(), false)
	return err
}

// What a bundle says of a plan of this server neither adds to it nor gives it another digest.
func TestForeignHistory(t *testing.T) {
	t.Parallel()
	const foreign = "00000000-0000-4000-8000-000000000001"
	for name, test := range map[string]struct {
		applied bool
		want    string
	}{
		"pending": {false, "and it was not, this register says"},
		"applied": {true, "other operations in the bundle than here"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			origin, target := newRelations(t, "ONE", 10), newRelations(t, "ONE", 700)
			origin.apply()
			r, err := transfer.Export(t.Context(), origin.load(), origin.options("f"))
			must(t, err)
			target.now = origin.now
			own, err := plan.Make(t.Context(), target.load(), target.planOptions())
			must(t, err)
			if test.applied {
				_, err = apply.Apply(t.Context(), target.load(), own, target.applyOptions())
				must(t, err)
				exec(t, target.dest, "DELETE FROM note", "DELETE FROM member WHERE person <> 'p1' OR since IS NOT 'theirs'", "DELETE FROM grp WHERE faculty = 'ONE'")
			}
			reseal(t, r.Manifest, func(files map[string]string, _ map[string]any) {
				for name, text := range files {
					files[name] = strings.ReplaceAll(text, foreign, own.ID)
				}
			})
			state := func() []string {
				all := target.relations()
				for _, query := range []string{
					"SELECT digest || summary FROM registrar_plan WHERE id = '" + own.ID + "'",
					"SELECT plan_id || seq || operation || \"key\" || coalesce(\"after\", '') FROM registrar_operation WHERE plan_id = '" + own.ID + "' ORDER BY seq",
				} {
					all = append(all, target.texts(query)...)
				}
				return all
			}
			before := state()
			err = target.imports(r.Manifest)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), own.ID) {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(before, state()); diff != "" {
				t.Errorf("the import left something behind (-before +after):\n%s", diff)
			}
			if !test.applied {
				if _, err := apply.Apply(t.Context(), target.load(), own, target.applyOptions()); err != nil {
					t.Errorf("the plan that waited is not applied any more: %v", err)
				}
			}
		})
	}
}

// Engines that fold names differ from those that keep them apart.
func TestColumnsThatFold(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		`no column "State"`: {"state", "State"},
		`Columns "STATE" and "State" of the bundle's rows of sync.groups would both become column "state"`: {"STATE", "State"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			origin, target := newRelations(t, "ONE", 10), newRelations(t, "ONE", 700)
			origin.apply()
			o := origin.options("f")
			b := origin.export(o)
			manifest := o.Dir + "/move.csv"
			groups := b.Faculties[0].Syncs[0]
			at := slices.IndexFunc(groups.Columns, func(c bundle.Column) bool { return c.Name == "state" })
			columns := slices.Clone(groups.Columns)
			columns[at].Name = names[0]
			columns = append(columns, columns[at])
			columns[len(columns)-1].Name = names[1]
			reseal(t, manifest, func(files map[string]string, document map[string]any) {
				const rows = "faculty-1/sync-1.csv"
				lines := strings.Split(strings.TrimSuffix(files[rows], "\r\n"), "\r\n")
				var header []string
				var described []any
				for _, c := range columns {
					header = append(header, c.Name)
					described = append(described, map[string]any{"name": c.Name, "kind": c.Kind.String(), "sql": c.SQL, "generated": c.Generated, "lookup": c.Lookup})
				}
				lines[0] = strings.Join(header, ",")
				for i := range lines[1:] {
					lines[i+1] += ",x"
				}
				files[rows] = strings.Join(lines, "\r\n") + "\r\n"
				faculty := document["faculties"].([]any)[0].(map[string]any) //nolint:forcetypeassert // a test's own document
				sync := faculty["syncs"].([]any)[0].(map[string]any)         //nolint:forcetypeassert // as above
				sync["columns"], sync["schema_sha256"] = described, bundle.SchemaDigest(columns)
			})
			err := target.imports(manifest)
			diags, ok := errors.AsType[*config.DiagnosticsError](err)
			if !ok || !strings.Contains(fmt.Sprintf("%+v", diags.Diagnostics), want) {
				t.Errorf("error %v", err)
			}
		})
	}
}
