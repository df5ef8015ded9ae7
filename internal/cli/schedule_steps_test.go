package cli

import (
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/view"
)

// What who and quser list.
func TestSessionsOf(t *testing.T) {
	const who = "alice    pts/0        2026-09-01 08:00 (192.0.2.7)\n"
	const quser = " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME\r\n>registrar             console             1  Active      none   9/1/2026 8:00 AM\r\n"
	for _, c := range []struct {
		name, list, author string
		want               view.Sessions
	}{
		{"who", who, "alice@db1", view.SessionsSome},
		{"another", who, "registrar@db1", view.SessionsNone},
		{"part of a name", who, "ali@db1", view.SessionsNone},
		{"nobody", "", "alice@db1", view.SessionsNone},
		{"quser", quser, `EXAMPLE\Registrar@db1`, view.SessionsSome},
		{"quser, another", quser, `EXAMPLE\alice@db1`, view.SessionsNone},
	} {
		if got := sessionsOf([]byte(c.list), c.author); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTimeFlag(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: newConsole(t).Environment}
	for text, want := range map[string]string{
		"":                          "2026-09-01T12:00:00Z",
		"2026-10-25":                "2026-10-24T22:00:00Z",
		"2026-10-25 02:30":          "2026-10-25T00:30:00Z", // the first of the two
		"2027-03-28 02:30":          "2027-03-28T01:00:00Z", // which is not there
		"2026-10-25T02:30":          "2026-10-25T00:30:00Z",
		"2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00Z",
		"2026-10-25T02:30:00Z":      "2026-10-25T02:30:00Z",
		"2026-13-01":                "",
		"tomorrow":                  "",
	} {
		got, err := a.timeFlag("--at", text, paris)
		if (err != nil) != (want == "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
}
