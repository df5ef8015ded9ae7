package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	system "github.com/kardianos/service"
	"github.com/spf13/pflag"
)

// serviceOptions are how serve is made a service of the system.
type serviceOptions struct {
	install, uninstall, show bool
	name, user               string
	writable                 []string
}

func (o *serviceOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.install, "install-service", false, "install a service of the system that serves with the other flags given, and start it at boot")
	f.BoolVar(&o.uninstall, "uninstall-service", false, "stop that service and remove it")
	f.BoolVar(&o.show, "print-service", false, "write the systemd unit that --install-service would install")
	f.StringVar(&o.name, "service-name", "registrar", "the service's `NAME`")
	f.StringVar(&o.user, "user", "", "the account `USER` that the service runs as")
	f.StringArrayVar(&o.writable, "writable", nil, "let the service write to `PATH`, too: where files are destinations, for instance; may be repeated")
}

func (o *serviceOptions) asked() bool { return o.install || o.uninstall || o.show }

var serviceNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

// manageService installs or removes the service, or shows what would be installed.
func (a *app) manageService(flags *pflag.FlagSet, o serveOptions) error {
	if !serviceNamePattern.MatchString(o.service.name) {
		return fmt.Errorf("--service-name %q: letters, digits, - and _, beginning with a letter", o.service.name)
	}
	if o.service.uninstall {
		if o.service.install || o.service.show {
			return errors.New("--uninstall-service removes the service: it goes with --service-name only")
		}
		return a.uninstallService(o.service.name)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	s, err := a.describeService(flags, o, program)
	if err != nil {
		return err
	}
	if o.service.show {
		a.out().Say("%s", strings.TrimSuffix(s.unit(), "\n"))
		return nil
	}
	// A service that cannot begin is better found out now than at the next boot.
	if _, err := a.load(); err != nil {
		return err
	}
	return a.installService(s)
}

// installed is a service to be installed.
type installed struct {
	name, user, program string
	arguments           []string
	dir                 string // the configuration's, absolute
	writable            []string
	grace               time.Duration
}

const description = "registrar: keeps databases in step"

func (a *app) describeService(flags *pflag.FlagSet, o serveOptions, program string) (*installed, error) {
	dir, err := filepath.Abs(a.dir())
	if err != nil {
		return nil, fmt.Errorf("the configuration's folder: %w", err)
	}
	s := &installed{name: o.service.name, user: o.service.user, program: program, dir: dir, grace: o.grace, arguments: []string{"--chdir", dir, "serve"}}
	if o.state != "" {
		location, err := a.stateLocation(o.state)
		if err != nil {
			return nil, err
		}
		if postgresURL.MatchString(location) && holdsPassword(location) {
			return nil, fmt.Errorf("--state holds a password, which everyone on this machine could read in the service's definition\nGive it to the service in the variable %s of its environment: see docs/service.md.", stateVariable) //nolint:revive,staticcheck // the box's headline and prose
		}
	}
	if len(a.global.variables) > 0 {
		return nil, errors.New("--var would show in the service's definition, which everyone on this machine can read\nGive the service REGISTRAR_VAR_* in its environment, or --var-file: see docs/service.md.") //nolint:revive,staticcheck // the box's headline and prose
	}
	if s.user == "" && runtime.GOOS != "windows" {
		return nil, errors.New("--user is needed: the service should not run as root\nMake an account with: useradd --system --shell /usr/sbin/nologin registrar")
	}
	paths := map[string]bool{"token-file": true, "log-file": true, "var-file": true, "writable": true, "state": !postgresURL.MatchString(o.state)}
	own := map[string]bool{"install-service": true, "uninstall-service": true, "print-service": true, "service-name": true, "user": true, "writable": true, "chdir": true}
	flags.Visit(func(f *pflag.Flag) {
		if own[f.Name] {
			return
		}
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			if paths[f.Name] {
				value = a.absolute(value)
			}
			s.arguments = append(s.arguments, "--"+f.Name+"="+value)
		}
	})
	// The state and the destinations that are files are beside the configuration, unless said otherwise.
	s.writable = append(s.writable, dir)
	for _, path := range o.service.writable {
		s.writable = append(s.writable, a.absolute(path))
	}
	for _, path := range []string{o.log.file, o.state} {
		if path != "" && !postgresURL.MatchString(path) {
			s.writable = append(s.writable, filepath.Dir(a.absolute(path)))
		}
	}
	if runtime.GOOS == "windows" && o.log.file == "" {
		// Nobody sees what a Windows service writes to standard error.
		s.arguments = append(s.arguments, "--log-file="+filepath.Join(dir, ".registrar", "serve.log"))
	}
	return s, nil
}

// holdsPassword reports whether a URL has a password; one that cannot be read may have.
func holdsPassword(location string) bool {
	u, err := url.Parse(location)
	if err != nil || u.Query().Has("password") {
		return true
	}
	_, secret := u.User.Password()
	return secret
}

func (a *app) absolute(path string) string {
	path = a.path(path)
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

// unit is the systemd unit. The library's own lacks what keeps a run from being cut off, and runs as root with the
// whole machine to write to.
func (s *installed) unit() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("[Unit]")
	line("Description=%s", description)
	line("Documentation=https://github.com/registrar-sync/registrar/blob/main/docs/service.md")
	line("Wants=network-online.target")
	line("After=network-online.target")
	line("")
	line("[Service]")
	line("Type=notify")
	line("User=%s", specifier(s.user))
	line("WorkingDirectory=%s", specifier(s.dir))
	line("EnvironmentFile=-/etc/registrar/%s.env", s.name)
	words := []string{word(s.program)}
	for _, argument := range s.arguments {
		words = append(words, word(argument))
	}
	line("ExecStart=%s", strings.Join(words, " "))
	line("ExecReload=/bin/kill -HUP $MAINPID")
	line("# Runs that have started end before it does; the rest is rolled back.")
	line("KillSignal=SIGTERM")
	line("KillMode=mixed")
	line("TimeoutStopSec=%d", int((s.grace + time.Minute).Seconds()))
	line("Restart=on-failure")
	line("RestartSec=10")
	line("StateDirectory=%s", s.name)
	line("StateDirectoryMode=0700")
	line("UMask=0077")
	line("# It writes to its own folders only.")
	line("ProtectSystem=strict")
	for _, path := range unique(s.writable) {
		line("ReadWritePaths=%s", quoted(specifier(path)))
	}
	for _, setting := range []string{
		"ProtectHome=read-only", "PrivateTmp=yes", "PrivateDevices=yes", "NoNewPrivileges=yes", "ProtectKernelTunables=yes",
		"ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes", "ProtectClock=yes", "ProtectHostname=yes",
		"RestrictSUIDSGID=yes", "RestrictRealtime=yes", "RestrictNamespaces=yes", "LockPersonality=yes", "MemoryDenyWriteExecute=yes",
		"CapabilityBoundingSet=", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
		"SystemCallArchitectures=native", "SystemCallFilter=@system-service",
	} {
		line("%s", setting)
	}
	line("")
	line("[Install]")
	line("WantedBy=multi-user.target")
	return b.String()
}

// specifier keeps systemd from taking what follows a % for one of its own.
func specifier(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// word is a word of a command line, as systemd.syntax(7) and systemd.service(5) read it.
func word(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", "$$", "%", "%%", "\n", `\n`).Replace(text)
	if strings.ContainsAny(text, " \t'\";") || text == "" {
		return `"` + text + `"`
	}
	return text
}

// quoted is a path among several.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"\\") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
	}
	return path
}

func unique(all []string) []string {
	seen := map[string]bool{}
	var once []string
	for _, one := range all {
		if !seen[one] {
			seen[one] = true
			once = append(once, one)
		}
	}
	return once
}

// The service systems that this is made for; the library knows more.
const (
	systemdPlatform = "linux-systemd"
	windowsPlatform = "windows-service"
)

func (a *app) installService(s *installed) error {
	manager, err := newManager(s)
	if err != nil {
		return err
	}
	if err := manager.Install(); err != nil {
		return fmt.Errorf("install the service: %w", err)
	}
	if system.Platform() == windowsPlatform {
		a.out().Say("The service %[1]s is installed. Start it with: sc start %[1]s", s.name)
		return nil
	}
	a.out().Say("The service %[1]s is installed and starts at boot. Start it now with: systemctl start %[1]s\nIts environment is read from /etc/registrar/%[1]s.env.", s.name)
	return nil
}

func (a *app) uninstallService(name string) error {
	manager, err := newManager(&installed{name: name})
	if err != nil {
		return err
	}
	// One that does not run cannot be stopped, and need not be.
	if status, err := manager.Status(); err == nil && status == system.StatusRunning {
		if err := manager.Stop(); err != nil {
			return fmt.Errorf("stop the service: %w", err)
		}
	}
	if err := manager.Uninstall(); err != nil {
		return fmt.Errorf("remove the service: %w", err)
	}
	a.out().Say("The service %s is removed. Its state and its log stay.", name)
	return nil
}

// newManager returns what installs a service here.
func newManager(s *installed) (system.Service, error) {
	if platform := system.Platform(); platform != systemdPlatform && platform != windowsPlatform {
		return nil, errors.New("this system has neither systemd nor Windows's services\nWrite a service for registrar serve by hand, or see registrar schedule export for other schedulers.") //nolint:revive,staticcheck // the box's headline and prose
	}
	unit := s.unit()
	if strings.Contains(unit, "{{") {
		return nil, errors.New("a path or a flag holds {{, which the service's definition cannot")
	}
	return system.New(nothing{}, &system.Config{
		Name: s.name, DisplayName: s.name, Description: description, UserName: s.user, Executable: s.program, Arguments: s.arguments,
		Option: system.KeyValue{
			"SystemdScript":    unit,
			"DelayedAutoStart": true, // databases on the same machine start first
			"OnFailure":        "restart", "OnFailureDelayDuration": "10s", "OnFailureResetPeriod": 3600,
		},
	})
}

// nothing is a service that is installed by this process and not run by it.
type nothing struct{}

func (nothing) Start(system.Service) error { return nil }
func (nothing) Stop(system.Service) error  { return nil }
