package examples_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/internal/cli"
)

// The program under its own name is this test binary: see newShell.
const program = "registrar"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == program {
		os.Exit(cli.Run(context.Background(), frozen()))
	}
	os.Exit(m.Run())
}

// step is the variable that numbers the commands of a shell: each begins a minute after the
// one before.
const step = "TEST_STEP"

// firstDay is the variable with the day of the first command, at noon.
const firstDay = "TEST_DAY"

func frozen() cli.Environment {
	minutes, err := time.ParseDuration(cmp.Or(os.Getenv(step), "0") + "m")
	if err != nil {
		panic(err)
	}
	day, err := time.Parse(time.DateOnly, cmp.Or(os.Getenv(firstDay), "2026-09-01"))
	if err != nil {
		panic(err)
	}
	now := day.Add(12*time.Hour + minutes)
	return cli.Environment{
		Args: os.Args[1:], Environ: os.Environ(), Dir: ".", Author: "you@example", Version: "0.1.0",
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now:       func() time.Time { return now },
		NewID:     uuid.NewString,
		Providers: known(), Examples: examples.FS,
	}
}

// shell is a POSIX shell in an empty directory, with registrar in its PATH: variables and
// the working directory stay from one command to the next. It needs sqlite3, psql and git.
type shell struct {
	testing.TB
	dir   string
	in    io.Writer
	out   *bufio.Reader
	steps int
}

// end is written after each command, with its exit code behind it.
const end = "::end of the command::"

func newShell(t testing.TB, environment ...string) *shell {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a POSIX shell")
	}
	for _, name := range []string{"sqlite3", "psql", "git"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("REGISTRAR_TEST_REQUIRE") != "" {
				t.Fatalf("%v; scripts/install-engines installs it", err)
			}
			t.Skipf("%v; scripts/install-engines installs it", err)
		}
	}
	bin, s := t.TempDir(), &shell{TB: t, dir: t.TempDir()}
	self, err := os.Executable()
	s.must(err)
	s.must(os.Symlink(self, filepath.Join(bin, program)))
	command := exec.CommandContext(t.Context(), "sh")
	command.Dir = s.dir
	command.Env = append([]string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + bin, "TMPDIR=" + os.TempDir(), "LC_ALL=C.UTF-8", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org",
		"GIT_AUTHOR_DATE=2026-09-01T12:00:00Z", "GIT_COMMITTER_DATE=2026-09-01T12:00:00Z",
	}, environment...)
	s.in, err = command.StdinPipe()
	s.must(err)
	out, writer, err := os.Pipe()
	s.must(err)
	command.Stdout, command.Stderr = writer, writer
	s.out = bufio.NewReader(out)
	s.must(command.Start())
	s.must(writer.Close())
	t.Cleanup(func() {
		if closer, ok := s.in.(io.Closer); ok {
			closer.Close()
		}
		out.Close()
		if err := command.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the shell: %v", err)
		}
	})
	return s
}

func (s *shell) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// run runs a command, and returns all that it wrote and its exit code.
func (s *shell) run(command string) (output, code string) {
	s.Helper()
	s.steps++
	// The last command's exit code is there for echo $?.
	_, err := fmt.Fprintf(s.in, "export %s=%d\n(exit ${last:-0})\n{ %s\n} </dev/null\nlast=$?\nprintf '%%s%%d\\n' '%s' $last\n", step, s.steps, command, end)
	s.must(err)
	var text strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if errors.Is(err, io.EOF) {
			s.Fatalf("the shell ended:\n%s%s", text.String(), line)
		}
		s.must(err)
		before, code, found := strings.Cut(line, end)
		text.WriteString(before)
		if found {
			return text.String(), strings.TrimSpace(code)
		}
	}
}

// write writes a file below the directory in which the shell works.
func (s *shell) write(name, text string) {
	s.Helper()
	where, _ := s.run("pwd")
	path := filepath.Join(strings.TrimSpace(where), filepath.FromSlash(name))
	s.steps--
	s.must(os.MkdirAll(filepath.Dir(path), 0o700))
	s.must(os.WriteFile(path, []byte(text), 0o600))
}
