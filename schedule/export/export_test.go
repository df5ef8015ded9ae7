package export

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// university is what the golden files are made of.
func university(t testing.TB) []*config.Schedule {
	paris := location(t, "Europe/Paris")
	return []*config.Schedule{
		{
			Address: "schedule.working_hours", Name: "working_hours", Timezone: paris, Every: 15 * time.Minute,
			Active:  []config.Period{{From: date(2026, 9, 1), Until: date(2027, 9, 30)}},
			Windows: []config.Window{{Days: workdays, Hours: config.Hours{From: at(6, 0), Until: at(19, 45)}}},
			Except:  []config.Exception{{Name: "exams", Dates: []time.Time{date(2026, 12, 24)}}},
		},
		{
			Address: "schedule.nights", Name: "nights", Timezone: paris, At: []time.Duration{at(2, 30), at(4, 0)},
			CatchUp: true, Jitter: 5 * time.Minute,
			Except: []config.Exception{{Name: "optimisation", Days: []time.Weekday{time.Sunday}, Hours: config.Hours{From: at(2, 0), Until: at(2, 59)}}},
		},
		{
			Address: `module.celcat["a b"].schedule.terms`, Name: "terms", Timezone: paris, Cron: "0 23 1,15 */3 fri",
		},
	}
}

var now = time.Date(2026, 9, 1, 6, 30, 0, 0, time.UTC)

// unixOptions have each character in them that some format takes for its own.
func unixOptions(format Format) Options {
	o := Options{
		Program: "/usr/local/bin/registrar", Dir: "/srv/registrar/100% $HOME's \"data\" é", User: "registrar", Now: now,
		Flags: []string{"--var-file", "prod.hcl"}, Variables: []string{"password"},
	}
	switch format {
	case Windows:
		o.Program, o.Dir, o.User = `C:\Program Files\registrar\registrar.exe`, `D:\data\R&D <100%> $x'é\`, `EXAMPLE\svc-registrar`
	case Kubernetes:
		o.User, o.Image = "10001", "registry.example.org/registrar:1.0"
	case GitLab, GitHub:
		o.Program, o.Dir, o.User, o.Image = "registrar", "conf ${{ x }} 100% $HOME's \"data\" é", "", "registry.example.org/registrar:1.0"
	default:
	}
	return o
}

func write(t testing.TB, format Format, o Options, schedules ...*config.Schedule) *Result {
	t.Helper()
	result, err := Write(format, schedules, o)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return result
}

func TestGolden(t *testing.T) {
	for _, format := range Formats() {
		t.Run(string(format), func(t *testing.T) {
			o := unixOptions(format)
			o.Test = now.Add(3 * time.Minute)
			result := write(t, format, o, university(t)...)
			golden := map[string]string{"guide.txt": result.Guide, "warnings.txt": strings.Join(append(result.Warnings, ""), "\n")}
			for _, file := range result.Files {
				if !Ours(file.Data) {
					t.Errorf("%s is not recognised as written by us", file.Name)
				}
				golden[file.Name] = string(file.Data)
				if format == Windows {
					// Golden files are for readers.
					golden[file.Name] = decodeUTF16(t, file.Data)
				}
			}
			compare(t, filepath.Join("testdata", string(format)), golden)
		})
	}
	if Ours([]byte("# somebody else's")) {
		t.Error("anybody's file is taken for ours")
	}
}

// compare compares texts with the files of a directory, neither having more.
func compare(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		for name, text := range texts {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if _, ok := texts[entry.Name()]; !ok {
			t.Errorf("%s is not written any more", entry.Name())
		}
	}
	for name, text := range texts {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		// A checkout on Windows may have other ends of lines.
		plain := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		if diff := cmp.Diff(plain(string(want)), plain(text)); diff != "" {
			t.Errorf("%s (-want +got); -update rewrites it:\n%s", name, diff)
		}
	}
}

func TestNames(t *testing.T) {
	for address, want := range map[string]string{
		"schedule.working_hours":         "registrar-working-hours",
		"schedule.n2":                    "registrar-n2",
		"schedule.a-b":                   "registrar-a-b-",
		"schedule.A_b":                   "registrar-a-b-",
		"schedule.a__b":                  "registrar-a-b-",
		"schedule._a":                    "registrar-a-",
		"schedule.été":                   "registrar-t-",
		"module.celcat.schedule.nights":  "registrar-celcat-nights-",
		`module.c["a b"].schedule.night`: "registrar-c-a-b-night-",
		"schedule." + strings.Repeat("long_", 20) + "name": "registrar-long-long-long-long-long-",
	} {
		got := jobName(address)
		if strings.HasSuffix(want, "-") {
			if hash, ok := strings.CutPrefix(got, want); !ok || len(hash) != 8 {
				t.Errorf("%s: %q, expected %q and a hash", address, got, want)
			}
		} else if got != want {
			t.Errorf("%s: %q, expected %q", address, got, want)
		}
		if len(got) > maxName {
			t.Errorf("%s: %q is too long", address, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	paris := &config.Schedule{Address: "schedule.a", Timezone: location(t, "Europe/Paris"), Every: time.Hour}
	tokyo := &config.Schedule{Address: "schedule.b", Timezone: location(t, "Asia/Tokyo"), Every: time.Hour}
	shut := &config.Schedule{
		Address: "schedule.c", Timezone: time.UTC, At: []time.Duration{at(4, 0)},
		Windows: []config.Window{{Hours: config.Hours{From: at(5, 0), Until: at(6, 0)}}},
	}
	for name, test := range map[string]struct {
		format    Format
		change    func(*Options)
		schedules []*config.Schedule
		want      string
	}{
		"no schedule":         {Crontab, nil, []*config.Schedule{}, "has no schedule"},
		"unknown":             {"at", nil, nil, `unknown format "at"`},
		"newline":             {Systemd, func(o *Options) { o.Dir = "/a\nExecStartPre=/bin/x" }, nil, "control character"},
		"not UTF-8":           {Systemd, func(o *Options) { o.Dir = "/\xff" }, nil, "not UTF-8"},
		"newline in a flag":   {Crontab, func(o *Options) { o.Flags = []string{"--var", "a=\nb"} }, nil, "control character"},
		"relative":            {Crontab, func(o *Options) { o.Dir = "conf" }, nil, "must be absolute"},
		"relative, Windows":   {Windows, func(o *Options) { o.Dir = "/srv" }, nil, "must be absolute"},
		"absolute, GitHub":    {GitHub, func(o *Options) { o.Dir = "/srv" }, nil, "starts in the checkout"},
		"outside, GitLab":     {GitLab, func(o *Options) { o.Dir = "../other" }, nil, "starts in the checkout"},
		"crontab user":        {Crontab, func(o *Options) { o.User = "a b" }, nil, `cannot name the user "a b"`},
		"unit's user":         {Systemd, func(o *Options) { o.User = "a%i" }, nil, "cannot name the user"},
		"root in a container": {Kubernetes, func(o *Options) { o.User = "0" }, nil, "other than 0"},
		"name in a container": {Kubernetes, func(o *Options) { o.User = "registrar" }, nil, "a user's number"},
		"colon":               {Kubernetes, func(o *Options) { o.Dir = "/a:b" }, nil, "with a colon"},
		"no image":            {Kubernetes, func(o *Options) { o.Image = "" }, nil, "--image"},
		"two zones":           {Crontab, nil, []*config.Schedule{paris, tokyo}, "several time zones (Europe/Paris, Asia/Tokyo)"},
		"backslashes":         {Crontab, func(o *Options) { o.Dir = `/a\\b` }, nil, `cannot say \\`},
		"long":                {Crontab, func(o *Options) { o.Dir = "/" + strings.Repeat("a", 1000) }, nil, "at most 998 bytes"},
		"quote on Windows":    {Windows, func(o *Options) { o.Dir = `C:\a"b` }, nil, "no quotes"},
		"program":             {Systemd, func(o *Options) { o.Program = "bin/registrar" }, nil, "absolute path"},
		"never open":          {Crontab, nil, []*config.Schedule{shut}, "schedule.c: no window is open at any of its times"},
	} {
		t.Run(name, func(t *testing.T) {
			o := unixOptions(test.format)
			if test.change != nil {
				test.change(&o)
			}
			schedules := test.schedules
			if schedules == nil {
				schedules = []*config.Schedule{paris}
			}
			_, err := Write(test.format, schedules, o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, expected %q", err, test.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	s := &config.Schedule{Address: "schedule.a", Timezone: time.UTC, Every: 90 * time.Second, Jitter: 45 * time.Minute, CatchUp: true}
	for format, want := range map[Format][]string{
		Crontab:    {"not in whole minutes", "catches up when the machine starts"},
		Systemd:    {"not in whole minutes", "run as root"},
		Windows:    {"not in whole minutes", "at most 48 triggers"},
		Kubernetes: {"not in whole minutes"},
		GitLab:     {"not in whole minutes", "every ten minutes", "waits for up to 45m of jitter: GitLab", "no entry for one time"},
		GitHub:     {"not in whole minutes", "every five minutes", "waits for up to 45m of jitter: GitHub", "no entry for one time"},
	} {
		o := unixOptions(format)
		if format == Systemd {
			o.User = ""
		}
		o.Test = now.Add(time.Minute)
		got := write(t, format, o, s).Warnings
		if !slices.EqualFunc(got, want, strings.Contains) {
			t.Errorf("%s: %q, expected %q", format, got, want)
		}
	}
	o := unixOptions(Windows)
	o.Dir = `C:\%OLD%`
	if got := write(t, Windows, o, university(t)[0]).Warnings; len(got) != 1 || !strings.Contains(got[0], "%NAME%") {
		t.Errorf("a variable of the environment in a path on Windows: %q", got)
	}
}
