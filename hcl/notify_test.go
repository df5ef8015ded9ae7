package hcl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

func notifiers(t *testing.T) map[string]*config.Notifier {
	t.Helper()
	out := map[string]*config.Notifier{}
	for _, n := range mustLoad(t, caseOf(t, "testdata/valid/notify.hcl"), testOptions()).Notifiers {
		out[n.Name+" "+n.Kind] = n
	}
	return out
}

func TestNotifiers(t *testing.T) {
	all := notifiers(t)
	office := all["office email"]
	if office.Address != "notify.email.office" || !cmp.Equal(office.On, config.Events) || office.Repeat != 48*time.Hour || office.Email.From != "registrar@example.org" {
		t.Errorf("office is %+v", office)
	}
	for name, want := range map[string]config.MailServer{
		"office email":         {Host: "mail.example.org", Port: 587, TLS: config.StartTLS, User: "registrar", Password: "p@ss"},
		"implicit email":       {Host: "mail.example.org", Port: 465, TLS: config.FullTLS},
		"here email":           {Host: "::1", Port: 25, TLS: config.NoTLS, User: "u", Password: "p"},
		"here_encrypted email": {Host: "localhost", Port: 2525, TLS: config.StartTLS},
	} {
		// Compared as they are: their text leaves the password out.
		if got := all[name].Email.Server; got != want {
			t.Errorf("%s: %s %s", name, got, got.TLS)
		}
	}
	if all["implicit email"].Repeat != 0 || all["here email"].Repeat != 24*time.Hour {
		t.Error("repeat is wrong")
	}
	want := &config.Webhook{
		URL: "https://chat.example.org/hooks/1", Format: config.WebhookMattermost, Timeout: 30 * time.Second,
		Headers: map[string]string{"Authorization": "Bearer hooks/1"},
	}
	if got := all["chat webhook"].Webhook; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := all["here webhook"].Webhook; got.Format != config.WebhookJSON || got.Timeout != 10*time.Second {
		t.Errorf("the defaults are %s, %s", got.Format, got.Timeout)
	}
}

// However it is printed, a mail server does not give its password away.
func TestMailServerHidesItsPassword(t *testing.T) {
	office := notifiers(t)["office email"]
	if text := fmt.Sprintf("%v %+v %s", office.Email.Server, office.Email, office.Email.Server); strings.Contains(text, "p@ss") {
		t.Error(text)
	}
}

func TestObservers(t *testing.T) {
	c := mustLoad(t, caseOf(t, "testdata/valid/on_change.hcl"), testOptions())
	text := func(s string) *string { return &s }
	office := c.Notifiers[0]
	want := []config.Observer{
		{
			Address: "on_change.left", Name: "left", Syncs: []string{`sync.students["hss"]`, `sync.students["sci"]`},
			Column: "status", From: text("active"), To: text("left"), Notify: []*config.Notifier{office},
		},
		{
			Address: "on_change.one", Name: "one", Syncs: []string{`sync.students["hss"]`},
			Column: "status", FromNull: true, To: text("3.5"), Notify: []*config.Notifier{office},
		},
		{
			Address: "on_change.emptied", Name: "emptied", Syncs: []string{"sync.rooms"},
			Column: "building_id.code", ToNull: true, Notify: []*config.Notifier{office},
		},
	}
	var got []config.Observer
	for _, o := range c.Observers {
		one := *o
		one.Range = config.Range{}
		got = append(got, one)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNotifyMessages(t *testing.T) {
	hook := func(argument string) string {
		return "notify \"webhook\" \"x\" {\n on = [\"failure\"]\n url = \"https://chat.example.org/x\"\n" + argument + "\n}"
	}
	mail := func(on, smtp string) string {
		return "notify \"email\" \"x\" {\n on = [" + on + "]\n to = [\"a@example.org\"]\n smtp = " + smtp + "\n}"
	}
	for name, tc := range map[string]struct{ text, want string }{
		"kind":      {`notify "webhok" "x" {}`, `Did you mean "webhook"?`},
		"argument":  {hook(`formatt = "json"`), `Did you mean "format"?`},
		"format":    {hook(`format = "slak"`), `Did you mean "slack"?`},
		"success":   {mail(`"success"`, `"smtp://mail.example.org"`), `"changes" now`},
		"recovery":  {mail(`"recovery"`, `"smtp://mail.example.org"`), `"recovered" now`},
		"on_change": {`on_chang "x" {}`, `Did you mean "on_change"?`},
		"password":  {mail(`"failure"`, `"smtp://u:p/w@mail.example.org"`), "%40 for @"},
	} {
		t.Run(name, func(t *testing.T) {
			failing(t, directory(t, "main.hcl", common+tc.text), testOptions(), tc.want)
		})
	}
}

// What stands in a URL or a header may be secret, be it faulty or not, marked as sensitive or not.
func TestNotifySecrets(t *testing.T) {
	const marker = "mArKeR7"
	for _, url := range []string{
		"smtp://u:mArKeR7", "smtp://u:mArKeR7@", "smtp://mArKeR7@mail.example.org", "smtp://u:mArKeR7%zz@h", "smtp://u:mArKeR7@h:99999",
		"smtp://u:mArKeR7/@h", "smtp://h?mArKeR7=1", "smtp://h?tls=mArKeR7", "smtp://h?a=%mArKeR7", "smtp://u:mArKeR7@h?tls=none", "mArKeR7://h",
	} {
		text := "notify \"email\" \"x\" {\n on = [\"failure\"]\n to = [\"a@example.org\"]\n smtp = \"" + url + "\"\n}"
		if out := failing(t, directory(t, "main.hcl", common+text), testOptions()); strings.Contains(strings.ToLower(out), strings.ToLower(marker)) {
			t.Errorf("%s: %s", url, out)
		}
	}
	for _, arguments := range []string{
		`url = "mArKeR7://x"`, `url = "https://h/mArKeR7#x"`, `url = "https://h/%mArKeR7"`, `url = ["mArKeR7"]`,
		"url = \"https://h/x\"\n headers = { X = \"mArKeR7\\n\" }", "url = \"https://h/x\"\n headers = { \"mArKeR7 \" = \"x\" }", "url = \"https://h/x\"\n headers = [\"mArKeR7\"]",
	} {
		text := "notify \"webhook\" \"x\" {\n on = [\"failure\"]\n " + arguments + "\n}"
		if out := failing(t, directory(t, "main.hcl", common+text), testOptions()); strings.Contains(strings.ToLower(out), strings.ToLower(marker)) {
			t.Errorf("%s: %s", arguments, out)
		}
	}
}
