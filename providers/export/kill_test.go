package export_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

var errKilled = errors.New("killed")

// killed is a provider whose destinations end before Prepare, after it, or before Publish.
type killed struct {
	*export.Provider
	at string
}

type killedDestination struct {
	providers.Destination
	at string
}

func (p *killed) OpenDestination(ctx context.Context, a providers.Attributes, dir string) (providers.Destination, error) {
	d, err := p.Provider.OpenDestination(ctx, a, dir)
	return &killedDestination{d, p.at}, err
}

func (d *killedDestination) publisher() providers.Publisher {
	return d.Destination.(providers.Publisher)
}

func (d *killedDestination) Refresh(ctx context.Context, q providers.Querier, shape providers.TableShape) ([]string, error) {
	return d.publisher().Refresh(ctx, q, shape)
}

func (d *killedDestination) Prepare(ctx context.Context, q providers.Querier, shapes []providers.TableShape) error {
	if d.at == "before preparing" {
		return errKilled
	}
	if err := d.publisher().Prepare(ctx, q, shapes); err != nil || d.at != "before the commit" {
		return err
	}
	return errKilled
}

func (d *killedDestination) Publish(ctx context.Context, conn *sql.Conn) error {
	if d.at == "before the renaming" {
		return errKilled
	}
	return d.publisher().Publish(ctx, conn)
}

// temp is where the new file of rooms.csv is made.
func (w *world) temp(t testing.TB) string {
	t.Helper()
	sum := sha256.Sum256([]byte("registrar.db"))
	return filepath.Join(w.dir, "out", ".rooms.csv."+hex.EncodeToString(sum[:4])+".new")
}

// interrupted is a world whose second apply, an update of R1, was killed.
func interrupted(t *testing.T, at string) (*world, *plan.Plan) {
	t.Helper()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,One,10\n")
	w.apply(w.plan("insert 1"))
	w.write("in/rooms.csv", "code,name,seats\nR1,Uno,10\n")
	p := w.plan("update 1")
	w.known = []providers.Provider{&killed{export.New(csv.New(), sqlite.New()), at}, sqlite.New()}
	if err := w.tryApply(p); !errors.Is(err, errKilled) {
		t.Fatalf("error %v", err)
	}
	w.known = known()
	w.want(header, oldRow)
	return w, p
}

const header, oldRow, newRow = "code,name,seats,origin", "R1,One,10,A", "R1,Uno,10,A"

func TestKilledBeforeTheCommit(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"before preparing", "before the commit"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w, p := interrupted(t, at)
			w.plan("update 1")
			w.alone("registrar.db", "rooms.csv")
			w.apply(p)
			w.want(header, newRow)
			w.alone("registrar.db", "rooms.csv")
			w.plan("nothing")
		})
	}
}

// The commit decides: whoever comes next gives the new file its place, whatever became of it meanwhile.
func TestKilledBeforeTheRenaming(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(w *world){
		"at once":                  func(*world) {},
		"the new file is gone":     func(w *world) { w.must(os.Remove(w.temp(t))) },
		"the new file is cut":      func(w *world) { w.must(os.Truncate(w.temp(t), 30)) },
		"it has been renamed":      func(w *world) { w.must(os.Rename(w.temp(t), filepath.Join(w.dir, "out/rooms.csv"))) },
		"the configuration is new": func(w *world) { w.write("main.hcl", strings.Replace(w.read("main.hcl"), "sync", "# changed\nsync", 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := interrupted(t, "before the renaming")
			meanwhile(w)
			w.plan("nothing")
			w.want(header, newRow)
			w.alone("registrar.db", "rooms.csv")
			w.plan("nothing")
		})
	}
}

// To apply the plan again does it, too.
func TestAppliedAgainAfterAKill(t *testing.T) {
	t.Parallel()
	w, p := interrupted(t, "before the renaming")
	if _, ok := errors.AsType[*apply.AppliedError](w.tryApply(p)); !ok {
		t.Error("the plan can be applied twice")
	}
	w.want(header, newRow)
	w.alone("registrar.db", "rooms.csv")
}

// What others made of the file after the commit is not lost: the next plan starts from it.
func TestEditedBeforeTheRenaming(t *testing.T) {
	t.Parallel()
	w, _ := interrupted(t, "before the renaming")
	w.write("out/rooms.csv", header+"\n"+oldRow+"\nH1,Hand,,B\n")
	p := w.plan("update 1")
	if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "changed by others") {
		t.Errorf("warnings: %q", w.warnings)
	}
	w.alone("registrar.db", "rooms.csv")
	w.apply(p)
	w.want(header, "H1,Hand,,B", newRow)
}

// A file that cannot be replaced, as one that is open in Windows, is replaced by the next to try.
func TestFileThatCannotBeReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rooms("", deleting))
	w.write("in/rooms.csv", "code,name,seats\nR1,Uno,10\n")
	p := w.plan("insert 1")
	w.known = []providers.Provider{&blocked{killed{export.New(csv.New(), sqlite.New()), ""}, filepath.Join(w.dir, "out/rooms.csv")}, sqlite.New()}
	err := w.tryApply(p)
	if err == nil || !strings.Contains(err.Error(), "was applied, but not published") {
		t.Fatalf("error %v", err)
	}
	w.known = known()
	if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Fatalf("error %v", err)
	}
	w.remove("out/rooms.csv")
	w.plan("nothing")
	w.want(header, newRow)
	w.alone("registrar.db", "rooms.csv")
}

// blocked puts a folder in the file's place before publishing.
type blocked struct {
	killed
	path string
}

type blockedDestination struct {
	killedDestination
	path string
}

func (p *blocked) OpenDestination(ctx context.Context, a providers.Attributes, dir string) (providers.Destination, error) {
	d, err := p.Provider.OpenDestination(ctx, a, dir)
	return &blockedDestination{killedDestination{d, ""}, p.path}, err
}

func (d *blockedDestination) Publish(ctx context.Context, conn *sql.Conn) error {
	return errors.Join(os.Mkdir(d.path, 0o700), d.publisher().Publish(ctx, conn))
}
