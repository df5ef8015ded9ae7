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
)

// A plan of a million rows stays below 100 MB: rows stream, and the database compares.
func TestMemory(t *testing.T) {
	const (
		records = 1_000_000
		limit   = 100 << 20
	)
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			w := rooms(t, e, archiving)
			text := strings.Replace(string(w.load().Files["main.hcl"]), "source."+e.name+".main", "source.csv.files", 1)
			w.write("main.hcl", strings.Replace(text, "= row.name", "= upper(trim(row.name))", 1)+"\nsource \"csv\" \"files\" {\n  directory = \"data\"\n}\n")
			w.write("data/src.csv", "")
			file, err := os.Create(filepath.Join(w.dir, "data", "src.csv"))
			w.must(err)
			out := bufio.NewWriter(file)
			fmt.Fprintln(out, "code,name,seats")
			for i := range records {
				fmt.Fprintf(out, "R%07d,a room of some name and number %d,%d\n", i, i, i%500)
			}
			w.must(out.Flush())
			w.must(file.Close())

			started := time.Now()
			cmd, lines := w.start("plan", -1)
			for lines.Scan() {
			}
			w.must(cmd.Wait())
			usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			if !ok {
				t.Fatal("the system tells no memory use")
			}
			resident := usage.Maxrss << 10
			t.Logf("%d records planned with %d MB resident, in %s", records, resident>>20, time.Since(started).Round(time.Second))
			if resident > limit {
				t.Errorf("%d MB resident, want at most %d", resident>>20, limit>>20)
			}
		})
	}
}
