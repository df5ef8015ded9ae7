package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
)

func examined() []view.Examined {
	ok := func(subject, found string) view.Finding {
		return view.Finding{Subject: subject, State: view.FindingOK, Found: found}
	}
	warning := func(subject, found, remedy string) view.Finding {
		return view.Finding{Subject: subject, State: view.FindingWarning, Found: found, Remedy: remedy}
	}
	problem := func(subject, found, remedy string) view.Finding {
		return view.Finding{Subject: subject, State: view.FindingProblem, Found: found, Remedy: remedy}
	}
	return []view.Examined{
		{Address: "source.oracle.apogee", Kind: "source", Provider: "oracle", Findings: []view.Finding{
			ok("connection", "reachable"), ok("version", "Oracle 19.21"), warning("tls", "none: passwords and rows go in plain text", "set tls = true"),
			ok("snapshot", "read only; what it reads is the state at its beginning, whatever others commit meanwhile"),
		}},
		{Address: "source.postgres.hr", Kind: "source", Provider: "postgres", Findings: []view.Finding{
			problem("connection", "connect to postgres://hr:5432/hr: dial tcp: \x1b[2Jconnection refused", "check host and port, that the server runs there, and that a firewall lets this machine through"),
		}},
		{Address: "destination.postgres.timetable", Kind: "destination", Provider: "postgres", Findings: []view.Finding{
			ok("connection", "reachable"), problem("register", "missing", "registrar init"),
			problem("privileges", "no INSERT, UPDATE on timetable.room", `GRANT INSERT, UPDATE ON "timetable"."room" TO "applier"`),
			ok("session settings", "as asked for"), problem("writing", "réservé", ""),
		}},
	}
}

func TestDoctor(t *testing.T) {
	all := examined()
	render(t, "doctor", func(v *view.View) error {
		for i := range all {
			v.Examined(&all[i])
		}
		v.Diagnosis(all)
		return nil
	})
}

func TestDiagnosis(t *testing.T) {
	all := examined()
	fine := []view.Examined{{Findings: []view.Finding{{State: view.FindingOK}}}}
	for want, some := range map[string][]view.Examined{
		"4 problems and 1 warning in 3 connections.\n": all,
		"1 warning in 1 connection, and no problem.\n": all[:1],
		"1 problem in 1 connection.\n":                 all[1:2],
		"No problem in 1 connection.\n":                fine,
		"1 problem and 1 warning in 2 connections.\n":  all[:2],
	} {
		var out bytes.Buffer
		if view.New(&out, view.Options{}).Diagnosis(some); out.String() != want {
			t.Errorf("%q, expected %q", out.String(), want)
		}
	}
}

func TestDoctorJSON(t *testing.T) {
	var out bytes.Buffer
	warnings := config.Diagnostics{{Severity: config.Warning, Summary: "Odd", Detail: "It is odd."}}
	if err := view.New(&out, view.Options{}).DiagnosisJSON(examined(), warnings, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "doctor.json", out.Bytes())
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the JSON holds a control character")
	}
}
