package hcl

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

func TestRunSettings(t *testing.T) {
	c := mustLoad(t, caseOf(t, "testdata/valid/service.hcl"), testOptions())
	s := c.Settings
	if s.Atomic != config.AtomicFaculty || s.Retry != (config.Retry{Attempts: 6, Wait: time.Minute, MaxWait: 30 * time.Minute}) {
		t.Errorf("the settings are %+v", s)
	}
	service := s.Service
	if service.Timezone.String() != "Europe/Paris" || service.RunsPerDestination != 2 || service.Range.Start.Line != 9 {
		t.Errorf("the service is %+v", service)
	}
	if len(service.Active) != 1 || len(service.Windows) != 1 || len(service.Except) != 2 || service.Except[1].Name != "lunch" || len(service.Windows[0].Days) != 6 {
		t.Errorf("the service is %+v", service)
	}
}

func TestRunDefaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       config.Settings
	}{
		{"none", "", config.Settings{
			PlanTTL: 72 * time.Hour, Timezone: time.UTC, Atomic: config.AtomicSync,
			Retry:   config.Retry{Attempts: 4, Wait: 30 * time.Second, MaxWait: 10 * time.Minute},
			Service: config.Service{Timezone: time.UTC, RunsPerDestination: 1},
		}},
		// A first wait that is longer than the default bound is the bound, too.
		{"wait", "registrar {\n  retry { wait = \"1h\" }\n}\n", config.Settings{
			PlanTTL: 72 * time.Hour, Timezone: time.UTC, Atomic: config.AtomicSync,
			Retry:   config.Retry{Attempts: 4, Wait: time.Hour, MaxWait: time.Hour},
			Service: config.Service{Timezone: time.UTC, RunsPerDestination: 1},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := mustLoad(t, directory(t, "main.hcl", common+c.text), testOptions()).Settings
			if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

// What is wrong with a schedule is said with what would be right.
func TestScheduleMessages(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`every = "7m"`, `whole minutes that divide a day`},
		{`cron = "0 0 3 * * *"`, "it has 6 fields; there are no seconds"},
		{"every = \"1h\"\n  timezone = \"Paris\"", `Did you mean "Europe/Paris"?`},
		{"every = \"1h\"\n  timezone = \"Local\"", `whichever machine runs this; name a zone such as "Europe/Paris".`},
		{"every = \"1h\"\n  except \"a\" { days = [\"sun\"] }\n  except \"a\" { hours = \"01:00-02:00\" }", `The exception "a" is declared at main.hcl:`},
		{"every = \"1h\"\n  timezone = \"europe/london\"", `Did you mean "Europe/London"?`},
		{"every = \"1h\"\n  timezone = \"America/NewYork\"", `Did you mean "America/New_York"?`},
		{"every = \"1h\"\n  catch_up = \"lst\"", `Did you mean "last"?`},
		{"every = \"1h\"\n  active { from = \"2027-02-29\" }", `February 2027 has 28 days`},
		{"every = \"1h\"\n  except \"x\" { dates = [\"2026-06-31\"] }", `June 2026 has 30 days`},
		{"every = \"1h\"\n  active {\n    from  = \"2026-09-01\"\n    until = \"2026-08-31\"\n  }", `which is before "from"`},
	} {
		failing(t, directory(t, "main.hcl", common+"schedule \"s\" {\n  "+c.body+"\n}\n"), testOptions(), c.want)
	}
	_, diags := Load(caseOf(t, "testdata/warning/never.hcl"), testOptions())
	text := detailed(diags)
	for _, want := range []string{
		`each of its times is outside the window (sat, sun) (main.hcl:11)`,
		`each of its times is outside the active period (2026-09-01 – 2027-07-31) (main.hcl:15)`,
		`taken by exception "noon", 11:30-12:30 (main.hcl:22)`,
		`outside the service's window (06:00-20:00) (main.hcl:4)`,
		`taken by the service's exception "Sundays", sun (main.hcl:5)`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning says %s:\n%s", want, text)
		}
	}
}

func TestZoneList(t *testing.T) {
	zones := strings.Fields(zoneList)
	if len(zones) < 400 {
		t.Errorf("there are %d zones", len(zones))
	}
	for _, zone := range zones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
	}
}
