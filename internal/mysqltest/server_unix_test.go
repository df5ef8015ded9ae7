//go:build unix

package mysqltest_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mysqltest"
)

// envVictim marks the copy of this test process that is killed.
const envVictim = "MYSQLTEST_VICTIM"

func TestServerEndsWithAKilledProcess(t *testing.T) {
	t.Parallel()
	database := mysqltest.New(t)
	if database.CA == "" {
		t.Skip("the server was not started by this package")
	}
	if os.Getenv(envVictim) != "" {
		fmt.Println(net.JoinHostPort(database.Host, strconv.Itoa(database.Port)), text(t, database.Open(t), "SELECT @@datadir"))
		select {} // until it is killed
	}

	victim := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	victim.Env = append(os.Environ(), envVictim+"=1")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var address, data string
	_, scanErr := fmt.Fscanln(out, &address, &data)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed: that is its error
	if scanErr != nil {
		t.Fatalf("the process to kill did not say what it started: %v", scanErr)
	}

	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, dialErr := net.DialTimeout("tcp", address, time.Second)
		if dialErr == nil {
			_ = conn.Close()
		}
		_, statErr := os.Stat(filepath.Dir(filepath.Clean(data)))
		if dialErr != nil && errors.Is(statErr, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("what outlived its process: a server on %s: %t; its files in %s: %t", address, dialErr == nil, data, statErr == nil)
		}
	}
}
