//go:build unix

package pgtest

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/mod/semver"
)

// keeper is the shell script that owns the server: see there for what it
// does and why the test process does not do it by itself.
//
//go:embed keeper.sh
var keeper string

const (
	// superuser is the role that initdb creates.
	superuser = "postgres"

	// startTimeout bounds each answer of the keeper: initdb takes about a
	// second, and a machine that runs everything at once may need many more.
	startTimeout = 2 * time.Minute

	// portAttempts is how many ports are tried. A port that was free a moment
	// ago can be taken when the server asks for it, by the server of another
	// test process for instance.
	portAttempts = 10
)

// startServer starts a server. The error is errNoServer where there is nothing
// to start.
func startServer() (*server, error) {
	binaries := findBinaries()
	if binaries == "" {
		return nil, errNoServer
	}
	credential, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir, which ends with one test, and not for the test process
	// to remove: the server still writes to it when that process is over.
	directory, err := os.MkdirTemp("", "registrar-pgtest-")
	if err != nil {
		return nil, err
	}
	password := randomHex()
	passwordFile := filepath.Join(directory, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	if credential != nil {
		for _, path := range []string{passwordFile, directory} {
			if err := os.Chown(path, int(credential.Uid), int(credential.Gid)); err != nil {
				return nil, errors.Join(err, os.RemoveAll(directory))
			}
		}
	}

	k, err := startKeeper(binaries, directory, credential)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	defer k.answers.Close()
	port, err := k.startOnFreePort()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(directory, "log")) // there is none after a failed initdb
		k.requests.Close()                                     // upon which the keeper removes the directory
		return nil, fmt.Errorf("starting PostgreSQL from %s in %s: %w\n%s", binaries, directory, err, log)
	}
	return &server{
		url: &url.URL{
			Scheme:   "postgres",
			User:     url.UserPassword(superuser, password),
			Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
			Path:     "/postgres",
			RawQuery: "sslmode=disable",
		},
		lifeline: k.requests,
	}, nil
}

// keeperProcess is a running keeper. It never needs waiting for: that would
// take a goroutine, which tests that look for leaked ones would find.
type keeperProcess struct {
	requests *os.File // a port number per line; its end of file ends the server
	answers  *os.File // a word per line: see keeper.sh
	reader   *bufio.Reader
}

// startKeeper starts the script with the rights of credential, or those of
// this process where it is nil.
func startKeeper(binaries, directory string, credential *syscall.Credential) (*keeperProcess, error) {
	requestsRead, requestsWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer requestsRead.Close()
	answersRead, answersWrite, err := os.Pipe()
	if err != nil {
		requestsWrite.Close()
		return nil, err
	}
	defer answersWrite.Close()

	//nolint:noctx // it ends by itself, after this process
	cmd := exec.Command("/bin/sh", "-c", keeper, "pgtest-keeper", binaries, directory)
	cmd.Dir = directory // the user of the server may not be able to enter the package's
	// Nothing of ours: PGDATA, PGPORT and LC_* would change what is started.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.Stdin = requestsRead
	cmd.Stdout = answersWrite
	// No Stderr: a copy of ours would keep "go test" waiting for the keeper,
	// which ends after this process.
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true, // the interrupt key ends the test, and through the pipe the keeper
		Credential: credential,
	}
	if err := cmd.Start(); err != nil {
		requestsWrite.Close()
		answersRead.Close()
		return nil, fmt.Errorf("%w (may the user of the server enter %s?)", err, directory)
	}
	return &keeperProcess{requests: requestsWrite, answers: answersRead, reader: bufio.NewReader(answersRead)}, nil
}

// startOnFreePort returns the port that the server listens on.
func (k *keeperProcess) startOnFreePort() (int, error) {
	if answer, err := k.answer(); err != nil {
		return 0, err
	} else if answer != "created" {
		said, _ := io.ReadAll(k.reader) // as much as there is
		return 0, fmt.Errorf("initdb failed:\n%s", said)
	}
	for range portAttempts {
		port, err := freePort()
		if err != nil {
			return 0, err
		}
		if _, err := fmt.Fprintln(k.requests, port); err != nil {
			return 0, err
		}
		answer, err := k.answer()
		if err != nil {
			return 0, err
		}
		if answer == "started" {
			return port, nil
		}
	}
	return 0, fmt.Errorf("the server would not start on any of %d ports", portAttempts)
}

// answer returns the keeper's next word.
func (k *keeperProcess) answer() (string, error) {
	if err := k.answers.SetReadDeadline(time.Now().Add(startTimeout)); err != nil {
		return "", err
	}
	line, err := k.reader.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = errors.New("the process that keeps the server ended")
	}
	return strings.TrimSpace(line), err
}

// freePort returns a port of 127.0.0.1 that was free a moment ago.
func freePort() (int, error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// findBinaries returns the directory of initdb, pg_ctl and postgres: that of
// the initdb in PATH, or else the one of the newest version, or else "".
func findBinaries() string {
	var candidates []string
	for _, pattern := range []string{ // the distributions keep them out of PATH
		"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
		"/usr/pgsql-*/bin",          // the PostgreSQL project's packages for Red Hat
		"/usr/local/pgsql/bin",      // built from source
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails on a bad pattern only
		candidates = append(candidates, found...)
	}
	slices.SortStableFunc(candidates, func(a, b string) int { return semver.Compare(versionOf(b), versionOf(a)) })
	if path, err := exec.LookPath("initdb"); err == nil {
		// Through the symbolic link, as its neighbours may not be linked.
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			candidates = slices.Insert(candidates, 0, filepath.Dir(resolved))
		}
	}
	for _, directory := range candidates {
		if !slices.ContainsFunc([]string{"initdb", "pg_ctl", "postgres"}, func(name string) bool {
			_, err := exec.LookPath(filepath.Join(directory, name))
			return err != nil
		}) {
			return directory
		}
	}
	return ""
}

// versionOf returns the version that a directory of binaries has in its name,
// as semver writes it, or "", which sorts before all others.
func versionOf(directory string) string {
	version := "v" + strings.TrimFunc(directory, func(r rune) bool { return !unicode.IsDigit(r) })
	if !semver.IsValid(version) {
		return ""
	}
	return version
}

// unprivileged returns whom the server must run as: nil for this process's
// own user, and the distribution's user postgres for root, as whom PostgreSQL
// refuses to run.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL cannot run as root, and the user to run it as is missing: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
