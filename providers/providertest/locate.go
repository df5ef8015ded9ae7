package providertest

import (
	"path/filepath"
	"testing"

	"github.com/registrar-sync/registrar/providers"
)

// exerciseLocate: what a block reaches is known before it is opened, down to the last file.
func (h Harness) exerciseLocate(t *testing.T, locator providers.Locator) {
	t.Helper()
	db := h.New(t)
	for _, attributes := range []providers.Attributes{db.Source, db.Destination} {
		if attributes == nil {
			continue
		}
		where, err := locator.Locate(attributes, db.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(where.Hosts)+len(where.Paths) == 0 {
			t.Error("it reaches nothing")
		}
		for _, path := range where.Paths {
			if resolved, err := filepath.EvalSymlinks(path); err == nil && resolved != path || !filepath.IsAbs(path) {
				t.Errorf("%s is not absolute with its links followed", path)
			}
		}
	}
}
