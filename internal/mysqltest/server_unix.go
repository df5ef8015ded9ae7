//go:build unix

package mysqltest

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// keeper is the shell script that owns the server: see there for what it
// does and why the test process does not do it by itself.
//
//go:embed keeper.sh
var keeper string

const (
	// administrator is the user who may do everything.
	administrator = "registrar"

	// startTimeout bounds each answer of the keeper: to create the server's own tables takes about a
	// second, and a machine that runs everything at once may need many more.
	startTimeout = 2 * time.Minute

	// portAttempts is how many ports are tried. A port that was free a moment
	// ago can be taken when the server asks for it, by the server of another
	// test process for instance.
	portAttempts = 10
)

// serverSettings configure both the creation of the server's files and the server.
// Hostile ones are told in the package's comment.
const serverSettings = `[mariadbd]
datadir = %[1]s/data
socket = %[1]s/socket
pid-file = %[1]s/pid
# Of its own: a server that starts removes what others have in theirs.
tmpdir = %[1]s
bind-address = 127.0.0.1
skip-name-resolve
max_connections = 200
ssl-ca = %[1]s/ca.pem
ssl-cert = %[1]s/certificate.pem
ssl-key = %[1]s/key.pem
# Nothing here outlives a crash.
skip-log-bin
innodb_flush_log_at_trx_commit = 0
innodb_flush_method = nosync
debug-no-sync
innodb_doublewrite = OFF
innodb_log_file_size = 32M
innodb_buffer_pool_size = 96M
aria_pagecache_buffer_size = 8M
key_buffer_size = 1M
performance_schema = OFF
# Hostile on purpose.
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
sql_mode = ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION,REAL_AS_FLOAT
group_concat_max_len = 1024
lc_messages = fr_FR
max_statement_time = 3600
`

// serverStart is what the server does before it listens. CREATE OR REPLACE: it may be
// started several times.
const serverStart = `CREATE OR REPLACE USER %[1]s@'127.0.0.1' IDENTIFIED BY '%[2]s';
GRANT ALL ON *.* TO %[1]s@'127.0.0.1' WITH GRANT OPTION;
DROP USER IF EXISTS root@localhost;
SET GLOBAL sql_select_limit = 1000;
`

// hostileZone has a summer time, and needs no time zones to be installed.
const hostileZone = "CET-1CEST,M3.5.0,M10.5.0/3"

// startServer starts a server. The error is errNoServer where there is nothing
// to start.
func startServer() (*server, error) {
	mariadbd, install := find("mariadbd"), find("mariadb-install-db")
	if mariadbd == "" || install == "" {
		return nil, errNoServer
	}
	credential, err := unprivileged()
	if err != nil {
		return nil, err
	}
	// Not t.TempDir, which ends with one test, and not for the test process
	// to remove: the server still writes to it when that process is over.
	directory, err := os.MkdirTemp("", "registrar-mysqltest-")
	if err != nil {
		return nil, err
	}
	password := randomHex()
	if err := prepare(directory, password, credential); err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	k, err := startKeeper(mariadbd, install, directory, credential)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	defer k.answers.Close()
	port, err := k.startOnFreePort()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(directory, "log")) // there is none after a failed creation
		k.requests.Close()                                     // upon which the keeper removes the directory
		return nil, fmt.Errorf("starting %s in %s: %w\n%s", mariadbd, directory, err, log)
	}
	return &server{
		admin:    Database{Host: "127.0.0.1", Port: port, User: administrator, Password: password, CA: filepath.Join(directory, caFile)},
		lifeline: k.requests,
	}, nil
}

// prepare fills the directory with what the server reads.
func prepare(directory, password string, credential *syscall.Credential) error {
	if err := writeCertificates(directory, time.Now().AddDate(0, 0, 2)); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"server.cnf": fmt.Sprintf(serverSettings, directory),
		"init.sql":   fmt.Sprintf(serverStart, administrator, password),
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if credential == nil {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(directory, "*"))
	if err != nil {
		return err
	}
	for _, path := range append(files, directory) {
		if err := os.Chown(path, int(credential.Uid), int(credential.Gid)); err != nil {
			return err
		}
	}
	return nil
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
func startKeeper(mariadbd, install, directory string, credential *syscall.Credential) (*keeperProcess, error) {
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
	cmd := exec.Command("/bin/sh", "-c", keeper, "mysqltest-keeper", mariadbd, install, directory)
	cmd.Dir = directory // the user of the server may not be able to enter the package's
	// Nothing of ours: MYSQL_* and LC_* would change what is started.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=" + hostileZone, "HOME=" + directory}
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
		return 0, fmt.Errorf("mariadb-install-db failed:\n%s", said)
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

// find returns the path of a program of MariaDB, or "". Its server is not in everyone's PATH.
func find(name string) string {
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/libexec/" + name, "/usr/local/sbin/" + name, "/opt/homebrew/opt/mariadb/bin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	return ""
}

// unprivileged returns whom the server must run as: nil for this process's
// own user, and the distribution's user mysql for root, as whom MariaDB
// refuses to run.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("mysql")
	if err != nil {
		return nil, fmt.Errorf("MariaDB does not run as root, and the user to run it as is missing: %w", err)
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
