package cli

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// A service is told to reload, has its log rotated, and is told to end.
func TestServeCommand(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	hangups, stopped := make(chan os.Signal), false
	c.Hangups = func() (<-chan os.Signal, func()) { return hangups, func() { stopped = true } }
	c.Environ = append(slices.Clone(c.Environ), "REGISTRAR_STATE=kept/state.db")
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ended := make(chan int, 1)
	go func() {
		ended <- c.run(ctx, "serve", "--log-file", "serve.log", "--log-format", "json", "--listen", "127.0.0.1:0", "--reload-interval", "0")
	}()
	log := filepath.Join(c.Dir, "serve.log")
	wait := func(file, text string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			content, _ := os.ReadFile(file) // it may not be there yet
			if strings.Contains(string(content), text) {
				return
			}
			if len(ended) > 0 || time.Now().After(deadline) {
				t.Fatalf("%s does not say %q: %s\n%s", file, text, content, c.err.String())
			}
		}
	}
	wait(log, `"msg":"serving"`)
	wait(log, `"takeover":"1m0s"`) // not in nanoseconds
	wait(log, `"msg":"status page"`)
	if info, err := os.Stat(log); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the log is there for others: %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "kept", "state.db")); err != nil {
		t.Errorf("the state is not where the environment says: %v", err)
	}
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	hangups <- os.Interrupt // any
	wait(log, `"msg":"configuration reloaded"`)
	if err := os.WriteFile(filepath.Join(c.Dir, "broken.hcl"), []byte("nonsense {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangups <- os.Interrupt
	wait(log, "Unsupported block type")
	end()
	if code := <-ended; code != 0 || !stopped {
		t.Errorf("serve ends with %d, the signals are released: %v; %s", code, stopped, c.err.String())
	}
	wait(log, `"msg":"stopped"`)
}

// The folder of the configuration, the state and the token are named relative to one another, as people write them.
func TestServeKeepsItsStateBesideTheConfiguration(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, one := range []struct {
		name, environment string
		args              []string
		state             string
	}{
		{name: "by default", state: "conf/.registrar/state.db"},
		{name: "a flag", args: []string{"--state", "kept/flag.db"}, state: "conf/kept/flag.db"},
		{name: "the environment", environment: "REGISTRAR_STATE=kept/environment.db", state: "conf/kept/environment.db"},
	} {
		t.Run(one.name, func(t *testing.T) {
			c := newConsole(t)
			t.Chdir(c.Dir)
			c.Dir = "." // as main does
			if code := c.run(t.Context(), "demo", "--dir", "conf"); code != 0 {
				t.Fatal(c.err.String())
			}
			if one.environment != "" {
				c.Environ = append(slices.Clone(c.Environ), one.environment)
			}
			ctx, end := context.WithCancel(t.Context())
			defer end()
			ended := make(chan int, 1)
			go func() {
				ended <- c.run(ctx, append([]string{"--chdir", "conf", "serve", "--listen", "none", "--reload-interval", "0"}, one.args...)...)
			}()
			for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.err.String(), "msg=serving"); time.Sleep(5 * time.Millisecond) {
				if len(ended) > 0 || time.Now().After(deadline) {
					t.Fatal(c.err.String())
				}
			}
			end()
			if code := <-ended; code != 0 {
				t.Errorf("serve ends with %d; %s", code, c.err.String())
			}
			if _, err := os.Stat(one.state); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat("conf/conf"); err == nil {
				t.Error("the folder was counted twice")
			}
		})
	}
}

// A token that others could guess is refused, and one that they can read is told of.
func TestServeTokens(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "token"), []byte("fifteen-letters\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := func() string {
		before := len(c.err.String())
		if code := c.run(t.Context(), "serve", "--listen", "0.0.0.0:0", "--token-file", "token"); code != exitError {
			t.Fatalf("serve ends with %d", code)
		}
		return c.err.String()[before:]
	}
	const readable = "everyone on this machine can read the token"
	if said := serve(); !strings.Contains(said, "others could guess the token") || strings.Contains(said, readable) || strings.Contains(said, "fifteen-letters") {
		t.Error(said)
	}
	if err := os.Chmod(filepath.Join(c.Dir, "token"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := serve(); strings.Contains(said, readable) != (runtime.GOOS != "windows") {
		t.Error(said)
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		args []string
		want string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, "others could read the status page"},
		{[]string{"--listen", "http://127.0.0.1:1"}, "expected HOST:PORT"},
		{[]string{"--jobs", "0"}, "at least 1 is needed"},
		{[]string{"--takeover", "1ms"}, "at least 1s is needed"},
		{[]string{"--grace", "-1s"}, "must not be negative"},
		{[]string{"--reload-interval", "1ms"}, "0, or at least 1s"},
		{[]string{"--log-format", "xml"}, "text or json"},
		{[]string{"--log-level", "loud"}, "debug, info, warn or error"},
		{[]string{"--log-file", "no/such/folder/log"}, "--log-file"},
		{[]string{"--token-file", "no-token"}, "--token-file"},
		{[]string{"--status-url", "registrar.example.org"}, "expected a URL"},
		{[]string{"--install-service", "--user", "registrar", "--state", "postgres://registrar:hunter2@db.example.org/state"}, "holds a password"},
		{[]string{"--install-service", "--user", "registrar", "--state", "postgres://db.example.org/state?user=registrar&password=hunter2"}, "holds a password"},
		{[]string{"--install-service", "--user", "registrar", "--state", "host=db.example.org password=hunter2"}, "--state: neither the path of a file nor the URL"},
		{[]string{"--state", "host=db.example.org dbname=state user=registrar password=hunter2"}, "--state: neither the path of a file nor the URL"},
		{[]string{"--state", "password = hunter2"}, "--state: neither the path of a file nor the URL"},
		{[]string{"--state", "mysql://registrar:hunter2@db.example.org/state"}, "--state: neither the path of a file nor the URL"},
		{[]string{"--state", "postgres:registrar:hunter2@db.example.org/state"}, "--state: neither the path of a file nor the URL"},
		{[]string{"--install-service", "--user", "registrar", "--var", "password=hunter2"}, "--var would show"},
		{[]string{"--print-service", "--user", "registrar", "--service-name", "../x"}, "letters, digits"},
		{[]string{"--install-service", "--uninstall-service"}, "it goes with --service-name only"},
	} {
		t.Run(strings.Join(one.args, " "), func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
				t.Fatal(c.err.String())
			}
			if code := c.run(t.Context(), append([]string{"serve"}, one.args...)...); code != exitError {
				t.Errorf("serve ends with %d", code)
			}
			if got := c.err.String(); !strings.Contains(got, one.want) || strings.Contains(got, "hunter2") {
				t.Errorf("serve says %s, want %q", got, one.want)
			}
		})
	}
}

func TestServeNeedsAUserToInstall(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("LocalSystem is the default there") // and a unit is never written
	}
	c := newConsole(t)
	if code := c.run(t.Context(), "serve", "--print-service"); code != exitError || !strings.Contains(c.err.String(), "--user is needed") {
		t.Errorf("without a user: %d, %s", code, c.err.String())
	}
}

func TestListenOnLoopbackOnlyWithoutAToken(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		address, token string
		ok             bool
	}{
		{"127.0.0.1:0", "", true},
		{"localhost:0", "", true},
		{":0", "", false},
		{":0", "fifteen-letters", false},
		{":0", "sixteen-letters!", true},
		{"127.0.0.1:0", "short", true},
	} {
		listener, err := listen(t.Context(), one.address, one.token)
		if (err == nil) != one.ok {
			t.Errorf("listen on %q with token %q: %v", one.address, one.token, err)
		}
		if err == nil {
			listener.Close()
		}
	}
	if listener, err := listen(t.Context(), noListen, ""); listener != net.Listener(nil) || err != nil {
		t.Errorf("listen nowhere: %v, %v", listener, err)
	}
}

// The unit says all that keeps a run from being cut off, and systemd understands it.
func TestServiceUnit(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	const program = "/usr/bin/true"
	s := &installed{
		name: "registrar", user: "daemon", program: program, dir: `/srv/100% of it "all"`, grace: 10 * time.Minute,
		arguments: []string{"--chdir", `/srv/100% of it "all"`, "serve", "--log-file=/var/log/$HOME.log", "--jobs=3"},
		writable:  []string{`/srv/100% of it "all"`, "/var/log", "/var/log"},
	}
	unit := s.unit()
	for _, line := range []string{
		"Type=notify", "User=daemon", `WorkingDirectory=/srv/100%% of it "all"`, "After=network-online.target", "Restart=on-failure",
		"TimeoutStopSec=660", "KillSignal=SIGTERM", "ExecReload=/bin/kill -HUP $MAINPID", "EnvironmentFile=-/etc/registrar/registrar.env",
		"ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes", "StateDirectory=registrar",
		`ExecStart=/usr/bin/true --chdir "/srv/100%% of it \"all\"" serve --log-file=/var/log/$$HOME.log --jobs=3`,
		`ReadWritePaths="/srv/100%% of it \"all\""`, "ReadWritePaths=/var/log",
	} {
		if n := strings.Count(unit, line+"\n"); n != 1 {
			t.Errorf("the unit has %d lines %s:\n%s", n, line, unit)
		}
	}
	path := filepath.Join(c.Dir, "registrar.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("REGISTRAR_TEST_REQUIRE") != "" {
			t.Fatal("systemd-analyze is not there; scripts/install-engines installs it")
		}
		t.Skip("systemd-analyze is not there")
	}
	if out, err := exec.Command(analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(out), "registrar.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// Every flag given is in the service's command line, with absolute paths.
func TestPrintService(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("paths differ, and no unit is written")
	}
	c := newConsole(t)
	if code := c.run(t.Context(), "--chdir", "conf", "--var-file", "a.hcl", "--var-file", "/b.hcl", "serve", "--print-service", "--user", "registrar", "--service-name", "hss",
		"--state", "state.db", "--log-file", "/var/log/hss/serve.log", "--grace", "1h", "--host", "a.example.org", "--writable", "/srv/exports"); code != 0 {
		t.Fatal(c.err.String())
	}
	dir := filepath.Join(c.Dir, "conf")
	var got []string
	for line := range strings.Lines(c.out.String()) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), "="); slices.Contains([]string{"ExecStart", "ReadWritePaths", "TimeoutStopSec", "EnvironmentFile"}, name) {
			_, rest, _ := strings.Cut(value, " --chdir")
			if name == "ExecStart" {
				value = "--chdir" + rest
			}
			got = append(got, value)
		}
	}
	want := []string{
		"-/etc/registrar/hss.env",
		"--chdir " + dir + " serve --grace=1h0m0s --host=a.example.org --log-file=/var/log/hss/serve.log --state=" + dir + "/state.db --var-file=" + dir + "/a.hcl --var-file=/b.hcl",
		"3660", dir, "/srv/exports", "/var/log/hss",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the unit (-want +got):\n%s", diff)
	}
}

// run refuses what is no state before it runs anything; paths may hold what looks like a setting.
func TestStateLocation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	c.Environ = append(slices.Clone(c.Environ), "REGISTRAR_STATE=host=db.example.org password=hunter2")
	out := len(c.out.String())
	if code := c.run(t.Context(), "run", "--all"); code != exitError || !strings.Contains(c.err.String(), "$REGISTRAR_STATE: neither") || strings.Contains(c.err.String(), "hunter2") {
		t.Errorf("run ends with %d: %s", code, c.err.String())
	}
	if said := c.out.String()[out:]; said != "" {
		t.Errorf("it has run: %s", said)
	}
	for _, path := range []string{"state.db", "a=b.db", "./password=x.db", `C:\registrar\state.db`, "/srv/user=hss/state.db"} {
		a := &app{env: Environment{Dir: c.Dir}}
		if got, err := a.stateLocation(path); err != nil || !strings.HasSuffix(got, strings.TrimPrefix(path, "./")) {
			t.Errorf("%s is %s, %v", path, got, err)
		}
	}
	for _, location := range []string{"postgres://db.example.org/state", "PostgreSQL://db.example.org/state"} {
		if got, err := new(app).stateLocation(location); err != nil || got != location {
			t.Errorf("%s is %s, %v", location, got, err)
		}
	}
}
