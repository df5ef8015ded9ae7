package enginetest

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/plan"
)

// As many rows as tell are planned and applied below 100 MB: rows stream, and the database
// compares. Compared with a full table, too, the time must not grow with its square:
// the test would not end.
func TestMemory(t *testing.T) {
	// Not beside other tests: a process is told to have been as large as the one that started it.
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := rooms(t, e, archiving)
			text := strings.Replace(string(w.load().Files["main.hcl"]), "source."+e.name+".main", "source.csv.files", 1)
			w.write("main.hcl", strings.Replace(text, "= row.name", "= upper(trim(row.name))", 1)+"\nsource \"csv\" \"files\" {\n  directory = \"data\"\n}\n")
			records := e.many
			w.million(records, 0)
			w.resident("plan")
			w.resident("apply")
			w.million(records, 10_000)
			w.resident("plan")
			p, err := plan.Open(filepath.Join(w.dir, "plan.json"), plan.OpenOptions{})
			w.must(err)
			w.wantCounts(p, "insert 10000, update 10000, archive 10000")
		})
	}
}

// million writes a file of n records, those from changed to n + changed, of which the first
// so many differ from what they are with changed = 0.
func (w *world) million(n, changed int) {
	w.Helper()
	w.write("data/src.csv", "")
	file, err := os.Create(filepath.Join(w.dir, "data", "src.csv"))
	w.must(err)
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "code,name,seats")
	for i := changed; i < n+changed; i++ {
		seats := i % 500
		if i < 2*changed {
			seats++
		}
		fmt.Fprintf(out, "R%07d,a room of some name and number %d,%d\n", i, i, seats)
	}
	w.must(out.Flush())
	w.must(file.Close())
}

// resident runs a command in a process of its own and bounds its memory.
func (w *world) resident(command string) {
	w.Helper()
	const limit = 100 << 20
	started := time.Now()
	cmd, lines := w.start(command, -1)
	for lines.Scan() {
	}
	w.must(cmd.Wait())
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		w.Fatal("the system tells no memory use")
	}
	resident := usage.Maxrss << 10
	w.Logf("%s: %d MB resident, in %s", command, resident>>20, time.Since(started).Round(time.Second))
	if resident > limit {
		w.Errorf("%s: %d MB resident, want at most %d", command, resident>>20, limit>>20)
	}
}
