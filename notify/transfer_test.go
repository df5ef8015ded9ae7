package notify

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// A faculty that has arrived is told of whatever the notifier's events, and what files said of it cannot forge anything.
func TestTransferIsTold(t *testing.T) {
	arrived := Arrived{
		Faculty: "hss", Name: "Humanities\r\n@all", Code: "HUM", Server: "campus on db.example.org", Rows: 1234,
		PlanID: "0197a111-2222-7333-8444-555566667777", On: time.Date(2026, 11, 21, 1, 30, 0, 0, time.UTC), By: "tester",
	}
	for _, format := range []config.WebhookFormat{config.WebhookJSON, config.WebhookMattermost} {
		w := newWorld(t)
		r := receive(t, nil)
		d := w.hooking(r.URL, format)
		if err := Transfer(t.Context(), w.cfg, w.notifier, arrived, d.options); err != nil {
			t.Fatal(err)
		}
		calls := r.got()
		if len(calls) != 1 {
			t.Fatalf("%d calls", len(calls))
		}
		var body struct {
			Kind     string         `json:"kind"`
			Transfer map[string]any `json:"transfer"`
			Text     string         `json:"text"`
		}
		if err := json.Unmarshal(calls[0].body, &body); err != nil {
			t.Fatal(err)
		}
		switch {
		case format == config.WebhookMattermost:
			if strings.Contains(body.Text, "@all") || !strings.Contains(body.Text, "HUM") || !strings.Contains(body.Text, "1234") {
				t.Errorf("the chat is told %q", body.Text)
			}
		case body.Kind != "transfer" || body.Transfer["faculty"] != "hss" || body.Transfer["rows"] != float64(1234) || strings.ContainsAny(body.Transfer["name"].(string), "\r\n"):
			t.Errorf("the message: %s", calls[0].body)
		}
	}
	w := newWorld(t)
	s := &mailServer{user: mailUser, pass: mailPassword}
	d := w.mailing(s, config.StartTLS)
	if err := d.send(t.Context(), w.notifier, arrival(w.cfg, w.notifier, arrived, d.options)); err != nil {
		t.Fatal(err)
	}
	mails := s.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	_, text, _ := parts(t, mails[0].data)
	for _, want := range []string{"Humanities  @all is on this server now", "Where: campus on db.example.org", "Rows: 1234"} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, text)
		}
	}
}
