package examples_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

func TestIsotools(t *testing.T) {
	t.Parallel()
	w := onSQLite(t, "isotools", "shop.db")
	w.run(map[string]counts{
		"sync.stock":     {"insert": 1, "update": 2, "archive": 1, "undelete": 1},
		"sync.customers": {"insert": 1, "update": 1, "archive": 1},
		"sync.orders":    {"insert": 2, "update": 1},
	})
	// Withdrawn, promised more often than it is there, back, without a price, the shop's own; what is new is not shown yet.
	w.want(`SELECT reference, quantity, price, visible, withdrawn_on IS NULL FROM product WHERE reference IN ('CLA-02', 'CLA-03', 'STY-BL', 'REG-30', 'SUR-01', 'CARTE') ORDER BY reference`,
		"CARTE|1000|20|1|1", "CLA-02|12|3.95|0|1", "CLA-03|0|4.1|1|0", "REG-30|77|1.35|1|1", "STY-BL|0|1.1|1|1", "SUR-01|150|1.6|1|1")
	// An order that the ERP has done with stays, one of a customer who is not there waits.
	w.want(`SELECT p.number, c.number, state, CAST(ordered_on AS TEXT), amount FROM purchase p JOIN customer c ON c.id = customer_id ORDER BY 1`,
		"2026-0090|C0002|delivered|2026-05-11|64.2", "2026-0117|C0001|sent|2026-08-28|128.4",
		"2026-0118|C0003|paid|2026-09-02|96", "2026-0119|C0004|paid|2026-09-04|41.25")
	w.want("SELECT number, closed_on IS NULL FROM customer WHERE origin = 'SITE' OR closed_on IS NOT NULL ORDER BY number", "C0005|0", "W0001|1")

	// The ERP is still writing its file: nothing is withdrawn.
	stock := readFile(t, filepath.Join(w.dir, "data", "stock.csv"))
	stock, _, _ = strings.Cut(stock, "STY-RG")
	w.must(os.WriteFile(filepath.Join(w.dir, "data", "stock.csv"), []byte(stock), 0o600))
	p, err := w.tryPlan(w.load())
	w.must(err)
	if !p.Held() {
		t.Error("a file that was cut off is not held")
	}
}

// Each schedule is a task with the example's directory, whatever that of the scheduler is,
// and the trial has three steps.
func TestIsotoolsTasks(t *testing.T) {
	t.Parallel()
	dir := extract(t, "isotools")
	output, code := registrar(t, dir, "schedule", "export", "--format", "windows", "--user", `EXAMPLE\svc-registrar`,
		"--program", `C:\registrar\registrar.exe`, "--target-dir", `D:\shop`, "--out", "tasks")
	if code != 0 || strings.Count(output, "schtasks /Create") != 3 {
		t.Errorf("schedule export ends with %d:\n%s", code, output)
	}
	for _, schedule := range []string{"stock", "orders", "customers"} {
		task := strings.ReplaceAll(readFile(t, filepath.Join(dir, "tasks", "registrar-"+schedule+".xml")), "\x00", "")
		for _, want := range []string{`<WorkingDirectory>D:\shop</WorkingDirectory>`, `--schedule schedule.` + schedule + " --due", "<LogonType>Password</LogonType>"} {
			if !strings.Contains(task, want) {
				t.Errorf("the task of %s has no %s:\n%s", schedule, want, task)
			}
		}
	}
	steps, code := registrar(t, dir, "schedule", "test", "--steps")
	for _, want := range []string{"Step 1, by hand", "Step 2, by the clock", "Step 3, without a logged-on user"} {
		if code != 0 || !strings.Contains(steps, want) {
			t.Errorf("schedule test --steps ends with %d and has no %q:\n%s", code, want, steps)
		}
	}
}

// An e-mail is sent when something is wrong, and once it is right again; a run that goes
// well sends none.
func TestIsotoolsMail(t *testing.T) {
	t.Parallel()
	mail, address := newMailbox(t)
	s := newShell(t)
	s.must(os.CopyFS(s.dir, os.DirFS("isotools")))
	tasks := strings.Replace(readFile(t, "isotools/tasks.hcl"), "mail.univ-exemple.fr:587", address, 1)
	s.must(os.WriteFile(filepath.Join(s.dir, "tasks.hcl"), []byte(tasks), 0o600))
	stock := filepath.Join(s.dir, "data", "stock.csv")
	whole := strings.Replace(readFile(t, stock), ";0,00\n", ";1,60\n", 1)
	s.must(os.WriteFile(stock, []byte(whole), 0o600))
	(&world{TB: t, dir: s.dir, destination: (&world{TB: t}).open("sqlite", filepath.Join(s.dir, "shop.db"))}).script("setup.sql")
	first, _, _ := strings.Cut(whole, "STY-RG")
	for _, c := range []struct {
		what, file, code, subject string
	}{
		{"a run that goes well", whole, "0", ""},
		{"a file that ends in a line", whole[:len(whole)/2], "1", "failed"},
		{"a file that ends after three lines", first, "3", "held"},
		{"the whole file again", whole, "0", "recovered"},
		{"one more run that goes well", whole, "0", ""},
	} {
		s.must(os.WriteFile(stock, []byte(c.file), 0o600))
		if c.what == "a run that goes well" {
			s.run("registrar init")
		}
		output, code := s.run("registrar run --schedule schedule.stock")
		if code != c.code {
			t.Errorf("%s: exit code %s, want %s:\n%s", c.what, code, c.code, output)
		}
		switch sent := mail.taken(); {
		case c.subject == "" && len(sent) > 0:
			t.Errorf("%s: an e-mail was sent:\n%s", c.what, sent[0])
		case c.subject != "" && (len(sent) != 1 || !strings.Contains(sent[0], c.subject)):
			t.Errorf("%s: %d e-mails, want one that says %q: %q\n%s", c.what, len(sent), c.subject, sent, output)
		}
	}
}

// mailbox is a mail server that takes every message.
type mailbox struct{ mails chan string }

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (m *mailbox) Mail(string, *smtp.MailOptions) error        { return nil }
func (m *mailbox) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (m *mailbox) Reset()                                      {}
func (m *mailbox) Logout() error                               { return nil }

func (m *mailbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	m.mails <- string(text)
	return err
}

// newMailbox starts one, and returns its address.
func newMailbox(t testing.TB) (m *mailbox, address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m = &mailbox{make(chan string, 100)}
	server := smtp.NewServer(m)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // until it is closed
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return m, listener.Addr().String()
}

// taken returns the messages that came since the last call.
func (m *mailbox) taken() (mails []string) {
	for {
		select {
		case mail := <-m.mails:
			mails = append(mails, mail)
		default:
			return mails
		}
	}
}
