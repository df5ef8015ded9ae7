package notify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"mime"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/run"
)

var update = flag.Bool("update", false, "rewrite testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s is not what is written (-golden +got); -update rewrites it:\n%s", file, diff)
	}
}

const (
	mailUser     = "registrar-robot"
	mailPassword = "pä:ss/w@rd+mArKeR7"
)

// mailing makes the world's notifier one that writes to a server, and returns its delivery.
func (w *world) mailing(s *mailServer, way config.MailTLS) *delivery {
	w.Helper()
	cert, pool := certificate(w.T)
	switch way {
	case config.NoTLS:
		s.serve(w.T, nil, false)
	case config.StartTLS, config.FullTLS:
		s.serve(w.T, &cert, way == config.FullTLS)
	}
	w.notifier.Webhook, w.notifier.Kind, w.notifier.Address = nil, "email", "notify.email.office"
	w.notifier.Email = &config.Email{
		To: []string{"office@example.org", "Régistry <registry@example.org>"}, From: "registrar@example.org",
		Server: config.MailServer{Host: mailHost, Port: 587, TLS: way, User: s.user, Password: s.pass},
	}
	o := w.options()
	o.RootCAs = pool
	d := newDelivery(o)
	d.dial, d.wait = to(s.addr), time.Millisecond
	return d
}

// nightly is a run in which much happened.
func (w *world) nightly() *run.Result {
	paris := w.cfg.Settings.Timezone
	w.cfg.Schedules = []*config.Schedule{{Address: "schedule.nightly", Timezone: paris}}
	left := "left"
	w.cfg.Observers = []*config.Observer{{Address: "on_change.left", Column: "status", To: &left, Notify: []*config.Notifier{w.notifier}}}
	r := w.result(
		w.unitOf("sync.rooms", run.Failed, func(u *run.UnitResult, _ *run.SyncResult) {
			u.Attempts, u.PlanID = 4, ""
			u.Message = "source.oracle.apogee: cannot be reached: connection refused\n@channel <!channel> <b>& `code` **bold**"
		}),
		w.unitOf(`sync.students["hss"]`, run.Held, func(u *run.UnitResult, s *run.SyncResult) {
			u.PlanID = "0197a111-2222-7333-8444-555566667777"
			u.Message = "812 of 2,000 live rows would be archived (40.6%), more than max_delete = \"30%\" allows"
			s.Counts = map[config.Operation]int64{config.Archive: 812, config.Insert: 3, config.Update: 40}
			s.SourceRows, s.Rejected, s.Held = 1191, 2, u.Message
		}),
		w.unitOf(`sync.students["sci"]`, run.Applied, func(u *run.UnitResult, s *run.SyncResult) {
			u.PlanID = "0197a111-2222-7333-8444-555566668888"
			s.Counts = map[config.Operation]int64{config.Delete: 1, config.Insert: 5}
			s.SourceRows, s.Warned, s.Checks = 1500, 7, map[string]int64{"check.orphans": 4}
			u.Observed = []run.Observation{{Observer: "on_change.left", Sync: s.Sync, Rows: 12, Keys: []string{"E100", "E101"}}}
		}),
	)
	r.Trigger, r.Schedule, r.Slot = run.Scheduled, "schedule.nightly", time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	r.ConfigDigest, r.GitCommit = strings.Repeat("ab", 32), "4f2c1d7"
	w.memory.said = map[string]Said{
		w.notifier.Address + "/sync.rooms":           {State: failed, Since: w.now.Add(-49 * time.Hour), SentOn: w.now.Add(-25 * time.Hour), Suppressed: 96},
		w.notifier.Address + `/sync.students["sci"]`: {State: held, Since: w.now.Add(-26 * time.Hour), SentOn: w.now.Add(-26 * time.Hour)},
	}
	return r
}

func (w *world) mustTell(d *delivery, r *run.Result) {
	w.Helper()
	if err := d.run(w.Context(), w.cfg, r); err != nil {
		w.Fatalf("%v\n%s", err, w.logged.String())
	}
}

func TestMail(t *testing.T) {
	w := newWorld(t, config.OnFailure, config.OnHeld, config.OnFindings, config.OnRejects, config.OnRecovered, config.OnChanges)
	s := &mailServer{user: mailUser, pass: mailPassword}
	d := w.mailing(s, config.StartTLS)
	d.options.StatusURL = "https://registrar.example.org"
	w.mustTell(d, w.nightly())
	mails := s.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails: %s", len(mails), w.logged.String())
	}
	got := mails[0]
	if got.from != "registrar@example.org" || !cmp.Equal(got.to, []string{"office@example.org", "registry@example.org"}) || got.user != mailUser || !got.tls {
		t.Errorf("it came from %s to %v, by user %s, encrypted %v", got.from, got.to, got.user, got.tls)
	}
	header, text, html := parts(t, got.data)
	golden(t, "mail.txt", text)
	golden(t, "mail.html", html)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != `[registrar] 1 failed, 1 held, 1 with findings: sync.rooms, sync.students["hss"], sync.students["sci"]` {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"Date": "Sat, 21 Nov 2026 01:30:00 +0000", "Auto-Submitted": "auto-generated", "X-Registrar-Run": "0197a000-0000-7000-8000-000000000001",
		"From": "<registrar@example.org>", "To": "<office@example.org>, =?utf-8?q?R=C3=A9gistry?= <registry@example.org>", "X-Mailer": "registrar 0.6.0",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if id := header.Get("Message-Id"); !strings.HasSuffix(id, ".registrar@example.org>") || len(id) < 40 {
		t.Errorf("the message's id is %q", id)
	}
	for _, want := range []string{
		`registrar apply 0197a111-2222-7333-8444-555566667777 --override "reason"`, "registrar show 0197a111-2222-7333-8444-555566667777",
		"812 to archive, 3 to insert, 40 to update", "1 deleted, 5 inserted", "97 times since this was last told",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q", want)
		}
	}
	if strings.Contains(html, "<b>&") || strings.Contains(html, "src=") || strings.Contains(html, "@import") {
		t.Error("the HTML holds markup of others, or loads something")
	}
	// The same again: nothing is new but what was written.
	w.now = w.now.Add(15 * time.Minute)
	r := w.result(w.unitOf("sync.rooms", run.Failed), w.unitOf(`sync.students["sci"]`, run.Applied, counts(config.Update, 2)))
	w.mustTell(d, r)
	_, text, _ = parts(t, s.mails()[1].data)
	golden(t, "mail_ongoing.txt", text)
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed), w.unitOf(`sync.students["sci"]`, run.Unchanged)))
	if n := len(s.mails()); n != 2 {
		t.Errorf("%d mails", n)
	}
}

// A mail arrives for the chosen events only.
func TestMailForChosenEventsOnly(t *testing.T) {
	outcomes := []struct {
		outcome run.Outcome
		change  func(u *run.UnitResult, s *run.SyncResult)
		events  []config.Event
	}{
		{run.Failed, counts(config.Update, 1), []config.Event{config.OnFailure, config.OnEvery}},
		{run.Held, counts(config.Update, 1), []config.Event{config.OnHeld, config.OnEvery}},
		{run.Partial, heldBack, []config.Event{config.OnHeld, config.OnEvery}},
		{run.Unchanged, warned, []config.Event{config.OnFindings, config.OnEvery}},
		{run.Unchanged, rejected, []config.Event{config.OnRejects, config.OnEvery}},
		{run.Applied, counts(config.Update, 1), []config.Event{config.OnChanges, config.OnEvery}},
		{run.Unchanged, counts(config.Update, 0), []config.Event{config.OnEvery}},
	}
	w := newWorld(t)
	s := &mailServer{}
	d := w.mailing(s, config.StartTLS)
	for _, event := range config.Events {
		for _, o := range outcomes {
			w.notifier.On, w.memory.said = []config.Event{event}, nil
			before := len(s.mails())
			w.mustTell(d, w.result(w.unitOf("sync.rooms", o.outcome, o.change)))
			want := 0
			for _, e := range o.events {
				if e == event {
					want = 1
				}
			}
			if got := len(s.mails()) - before; got != want {
				t.Errorf("on %s, %s: %d mails, not %d", event, o.outcome, got, want)
			}
		}
	}
	w.notifier.On, w.memory.said = []config.Event{config.OnRecovered}, nil
	before := len(s.mails())
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed)))
	w.now = w.now.Add(3 * time.Hour)
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Unchanged)))
	if got := s.mails()[before:]; len(got) != 1 {
		t.Errorf("%d mails", len(got))
	} else if _, text, _ := parts(t, got[0].data); !strings.Contains(text, "was failed since 2026-11-21 02:28 CET, for 3 hours 1 minute") {
		t.Error(text)
	}
}

func TestMailFromTheStartEncrypted(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	s := &mailServer{user: mailUser, pass: mailPassword}
	w.mustTell(w.mailing(s, config.FullTLS), w.result(w.unitOf("sync.rooms", run.Failed)))
	if got := s.mails(); len(got) != 1 || !got[0].tls || got[0].user != mailUser {
		t.Errorf("%+v", got)
	}
}

func TestMailInTheClear(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	s := &mailServer{}
	w.mustTell(w.mailing(s, config.NoTLS), w.result(w.unitOf("sync.rooms", run.Failed)))
	if got := s.mails(); len(got) != 1 || got[0].tls {
		t.Errorf("%+v", got)
	}
}

// failsToTell runs a delivery that must not succeed; what it says holds no secret.
func (w *world) failsToTell(d *delivery, want string) {
	w.Helper()
	err := d.run(w.Context(), w.cfg, w.result(w.unitOf("sync.rooms", run.Failed)))
	if err == nil || !strings.Contains(err.Error(), want) {
		w.Errorf("the error is %v, without %q", err, want)
		return
	}
	for _, out := range []string{err.Error(), w.logged.String(), fmt.Sprintf("%#v", err)} {
		w.noSecret(out)
	}
	if !strings.Contains(w.logged.String(), w.notifier.Address) {
		w.Errorf("the log does not name the notifier: %s", w.logged.String())
	}
	if said := w.memory.said[w.notifier.Address+"/sync.rooms"]; !said.SentOn.IsZero() {
		w.Errorf("remembered as sent: %+v", said)
	}
}

func (w *world) noSecret(text string) {
	w.Helper()
	for _, secret := range []string{"mArKeR7", "bUFyS2VSNw", "hOOkPaTh9", "hEaDeR5"} {
		if strings.Contains(text, secret) {
			w.Errorf("a secret is shown: %s", text)
		}
	}
}

func TestMailServerIsDown(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	d := w.mailing(&mailServer{user: mailUser, pass: mailPassword}, config.StartTLS)
	dials := 0
	d.dial = func(context.Context, string, string) (net.Conn, error) {
		dials++
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	w.failsToTell(d, "mail.example.org:587 cannot be reached: dial tcp: connection refused")
	if dials != 3 {
		t.Errorf("%d attempts", dials)
	}
	// It is up again.
	s := &mailServer{user: mailUser, pass: mailPassword}
	d = w.mailing(s, config.StartTLS)
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed)))
	if len(s.mails()) != 1 {
		t.Errorf("%d mails", len(s.mails()))
	}
}

// Where STARTTLS is not offered, be it that somebody took it out, nothing is sent: no password, no
// message, not even its recipients.
func TestStrippedSTARTTLS(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	d := w.mailing(&mailServer{user: mailUser, pass: mailPassword}, config.StartTLS)
	stripped := &mailServer{user: mailUser, pass: mailPassword}
	stripped.serve(t, nil, false)
	d.dial = to(stripped.addr)
	w.failsToTell(d, "does not offer STARTTLS, and nothing was sent")
	if len(stripped.mails()) > 0 || stripped.sessions() > 1 {
		t.Errorf("%d mails in %d sessions", len(stripped.mails()), stripped.sessions())
	}
}

func TestUntrustedMailServer(t *testing.T) {
	for _, way := range []config.MailTLS{config.StartTLS, config.FullTLS} {
		w := newWorld(t, config.OnFailure)
		s := &mailServer{user: mailUser, pass: mailPassword}
		d := w.mailing(s, way)
		_, d.options.RootCAs = certificate(t)
		w.failsToTell(d, "is not trusted, and nothing was sent")
		if len(s.mails()) > 0 {
			t.Error("it was sent all the same")
		}
	}
	w := newWorld(t, config.OnFailure)
	s := &mailServer{}
	d := w.mailing(s, config.StartTLS)
	w.notifier.Email.Server.Host = "other.example.org" // the certificate is for another
	w.failsToTell(d, "is not trusted, and nothing was sent")
}

func TestWrongMailPassword(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	s := &mailServer{user: mailUser, pass: "other"}
	d := w.mailing(s, config.StartTLS)
	w.notifier.Email.Server.Password = mailPassword
	w.failsToTell(d, "does not accept the user and the password: it answers 535")
	if s.sessions() > 2 { // before and after STARTTLS
		t.Errorf("%d sessions: a wrong password is not tried again", s.sessions())
	}
	w = newWorld(t, config.OnFailure)
	s = &mailServer{}
	d = w.mailing(s, config.StartTLS)
	w.notifier.Email.Server.User, w.notifier.Email.Server.Password = mailUser, mailPassword
	w.failsToTell(d, "AUTH")
}

// A server that breaks off, or makes no sense, at any point of the dialogue.
func TestMailServerStopsMidDialogue(t *testing.T) {
	dialogue := []string{"220 mail.example.org", "250 mail.example.org", "250 ok", "250 ok", "250 ok", "354 go on"}
	for n := range len(dialogue) + 1 {
		w := newWorld(t, config.OnFailure)
		d := w.mailing(&mailServer{}, config.NoTLS)
		addr, connections := script(t, dialogue[:n]...)
		d.dial = to(addr)
		w.failsToTell(d, "mail.example.org:587 ")
		if connections() != attempts {
			t.Errorf("after %d answers: %d attempts", n, connections())
		}
	}
	for answer, tries := range map[string]int{"421 busy " + mailPassword: attempts, "554 go away " + mailPassword: 1, "what?": 1, "": 1} {
		w := newWorld(t, config.OnFailure)
		d := w.mailing(&mailServer{user: mailUser, pass: mailPassword}, config.NoTLS)
		addr, connections := script(t, answer)
		d.dial = to(addr)
		w.failsToTell(d, "the mail server mail.example.org:587")
		if connections() != tries {
			t.Errorf("%q: %d attempts", answer, connections())
		}
	}
}

// A server that says nothing ends with the run's context.
func TestSilentMailServer(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	d := w.mailing(&mailServer{}, config.NoTLS)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	d.dial = to(listener.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := d.run(ctx, w.cfg, w.result(w.unitOf("sync.rooms", run.Failed))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

func TestTemporaryRefusal(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	s := &mailServer{}
	d := w.mailing(s, config.StartTLS)
	left := 2
	s.fail = func() error {
		if left == 0 {
			return nil
		}
		left--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
	}
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed)))
	if len(s.mails()) != 1 || !strings.Contains(w.logged.String(), "tried again") {
		t.Errorf("%d mails; %s", len(s.mails()), w.logged.String())
	}
}

// A recipient who is refused does not keep the message from the others, nor do these get it twice.
func TestBadRecipientAmongGoodOnes(t *testing.T) {
	w := newWorld(t, config.OnFailure)
	s := &mailServer{refuse: func(to string) error {
		if to == "office@example.org" {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}}
	d := w.mailing(s, config.StartTLS)
	err := d.run(t.Context(), w.cfg, w.result(w.unitOf("sync.rooms", run.Failed)))
	if refused, ok := errors.AsType[*refusedError](err); !ok || len(refused.recipients) != 1 || !strings.Contains(err.Error(), "office@example.org") {
		t.Errorf("the error is %v", err)
	}
	if got := s.mails(); len(got) != 1 || !cmp.Equal(got[0].to, []string{"registry@example.org"}) {
		t.Errorf("%+v", got)
	}
	if err := d.run(t.Context(), w.cfg, w.result(w.unitOf("sync.rooms", run.Failed))); err != nil || len(s.mails()) != 1 {
		t.Errorf("%d mails, %v", len(s.mails()), err)
	}
	s.refuse = func(string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	w.memory.said = nil
	w.failsToTell(d, "it refuses every recipient")
}

// Only an address that needs it makes the servers on the way need it.
func TestMailToAddressesBeyondASCII(t *testing.T) {
	for to, want := range map[string]bool{"Régistry <registry@example.org>": false, "régistry@example.org": true} {
		w := newWorld(t, config.OnFailure)
		s := &mailServer{}
		d := w.mailing(s, config.StartTLS)
		w.notifier.Email.To = []string{to}
		w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Failed)))
		if got := s.mails(); len(got) != 1 || got[0].utf8 != want {
			t.Errorf("%s: %+v", to, got)
		}
	}
}

// Another attempt, and a test, are told apart by their ids; the same message has the same.
func TestMessageIDs(t *testing.T) {
	w := newWorld(t, config.OnEvery)
	s := &mailServer{}
	d := w.mailing(s, config.StartTLS)
	first := w.result(w.unitOf("sync.rooms", run.Unchanged))
	w.mustTell(d, first)
	w.mustTell(d, first)
	w.mustTell(d, w.result(w.unitOf("sync.rooms", run.Unchanged)))
	if err := d.send(t.Context(), w.notifier, trial(w.cfg, w.notifier, "0197a000-0000-7000-8000-00000000abcd", d.options)); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range s.mails() {
		header, text, _ := parts(t, m.data)
		ids = append(ids, header.Get("Message-Id"))
		if header.Get("Subject") == "[registrar] test message of notify.email.office" {
			golden(t, "mail_test.txt", text)
		}
	}
	if len(ids) != 4 || ids[0] != ids[1] || ids[1] == ids[2] || ids[2] == ids[3] {
		t.Errorf("the ids are %v", ids)
	}
}
