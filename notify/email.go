package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/registrar-sync/registrar/config"
)

// How long a mail server may take.
const (
	dialTimeout = 10 * time.Second
	mailTimeout = 30 * time.Second // for a whole attempt
)

// refusedError: the server took the message for some recipients and not for these.
type refusedError struct{ recipients []string }

func (e *refusedError) Error() string {
	return "the mail server refused, of several recipients, " + strings.Join(e.recipients, ", ")
}

// mailer sends e-mails.
type mailer struct {
	*delivery
	email *config.Email
}

// letter is a message as it goes to the server, the same at every attempt.
type letter struct {
	from string   // in angle brackets
	to   []string // likewise
	body []byte
}

func (s *mailer) send(ctx context.Context, m *message) error {
	l, err := s.write(m)
	if err != nil {
		return err
	}
	return s.persist(ctx, s.email.Server.String(), func(ctx context.Context) error { return s.deliver(ctx, l) })
}

// write makes the message.
func (s *mailer) write(m *message) (*letter, error) {
	from := s.email.From
	if from == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, fmt.Errorf(`find the name of this machine for the sender's address, which "from" could give: %w`, err)
		}
		from = "registrar@" + host
	}
	out := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(m.digest()[:40]))
	if err := out.From(from); err != nil {
		return nil, fmt.Errorf("the sender's address %q: %w", line(from), err)
	}
	if err := out.To(s.email.To...); err != nil {
		return nil, fmt.Errorf("the recipients' addresses: %w", err)
	}
	sender, err := out.GetSender(false)
	if err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	recipients, err := out.GetRecipients()
	if err != nil {
		return nil, fmt.Errorf("the recipients' addresses: %w", err)
	}
	out.Subject(m.subject())
	out.SetDateWithValue(m.sent)
	// The same whenever this is sent again, so that mailboxes may drop what they have already.
	_, domain, _ := strings.Cut(strings.Trim(sender, "<>"), "@")
	out.SetMessageIDWithValue(m.digest()[:32] + "." + "registrar@" + domain)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	out.SetGenHeader("X-Registrar-Run", m.Run.ID)
	out.SetGenHeader(mail.HeaderXMailer, strings.TrimSpace("registrar "+line(m.RegistrarVersion)))
	p := m.page()
	html, err := p.html()
	if err != nil {
		return nil, err
	}
	out.SetBodyString(mail.TypeTextPlain, p.text())
	out.AddAlternativeString(mail.TypeTextHTML, html)
	var body bytes.Buffer
	if _, err := out.WriteTo(&body); err != nil {
		return nil, fmt.Errorf("write an e-mail: %w", err)
	}
	return &letter{from: sender, to: recipients, body: body.Bytes()}, nil
}

// digest identifies what is told to whom.
func (m *message) digest() string {
	sum := sha256.Sum256([]byte(m.Kind + "\x00" + m.Run.ID + "\x00" + m.Notifier + "\x00" + m.Summary))
	return hex.EncodeToString(sum[:])
}

// deliver makes one attempt.
func (s *mailer) deliver(ctx context.Context, l *letter) error {
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	var conn net.Conn
	defer func() {
		if conn != nil {
			_ = conn.Close() // what matters has been answered
		}
	}()
	release := func() bool { return true }
	defer func() { release() }()
	client, err := s.client(l, func(dialing context.Context, network, address string) (net.Conn, error) {
		var err error
		if conn, err = s.connect(dialing, network, address); err != nil {
			return nil, err
		}
		// The library looks at the context while it dials only.
		open := conn
		release = context.AfterFunc(ctx, func() { _ = open.Close() })
		return conn, nil
	})
	if err != nil {
		return backoff.Permanent(err)
	}
	dialogue, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return s.explain(ctx, err, conn != nil)
	}
	var refused []string
	if err := dialogue.Mail(l.from); err != nil {
		return s.explain(ctx, fmt.Errorf("it refuses the sender %s: %w", l.from, err), true)
	}
	var refusal error
	for _, to := range l.to {
		if err := dialogue.Rcpt(to); err != nil {
			if _, answered := errors.AsType[*textproto.Error](err); !answered {
				return s.explain(ctx, err, true)
			}
			refused = append(refused, to+" ("+s.scrub(err.Error())+")")
			refusal = err
		}
	}
	if len(refused) == len(l.to) {
		return s.explain(ctx, fmt.Errorf("it refuses every recipient, the last being %s: %w", l.to[len(l.to)-1], refusal), true)
	}
	if err := s.data(dialogue, l); err != nil {
		return s.explain(ctx, err, true)
	}
	// The message is theirs already: nobody waits for a server that is slow to say goodbye.
	if dialogue.UpdateDeadline(2*time.Second) == nil {
		_ = dialogue.Quit()
	}
	if len(refused) > 0 {
		return backoff.Permanent(&refusedError{refused})
	}
	return nil
}

func (s *mailer) data(dialogue *smtp.Client, l *letter) error {
	w, err := dialogue.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(l.body); err != nil {
		return err
	}
	return w.Close()
}

// client is for one attempt, over connections that dial makes.
func (s *mailer) client(l *letter, dial mail.DialContextFunc) (*mail.Client, error) {
	server := s.email.Server
	options := []mail.Option{
		mail.WithPort(server.Port), mail.WithTimeout(mailTimeout), mail.WithDialContextFunc(dial), mail.WithTLSConfig(s.tls()),
	}
	if server.TLS == config.StartTLS {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	} else {
		options = append(options, mail.WithTLSPolicy(mail.NoTLS)) // none, or there from the first byte on
	}
	if isASCII(l.from) && isASCII(strings.Join(l.to, "")) {
		// Asked for, it binds each server on the way, and many do not have it.
		options = append(options, mail.WithoutSMTPUTF8())
	}
	if server.User != "" {
		options = append(options, mail.WithUsername(server.User), mail.WithPassword(server.Password),
			// The last two are for encrypted connections, and this machine, only.
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	client, err := mail.NewClient(server.Host, options...)
	if err != nil {
		return nil, errors.New(s.scrub(err.Error()))
	}
	return client, nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > 127 })
}

func (s *mailer) tls() *tls.Config {
	return &tls.Config{ServerName: s.email.Server.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

// connect opens a connection, encrypted where that is so from the first byte on.
func (s *mailer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dial := s.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil || s.email.Server.TLS != config.FullTLS {
		return conn, err
	}
	encrypted := tls.Client(conn, s.tls())
	if err := encrypted.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // the handshake's error tells why
		return nil, err
	}
	return encrypted, nil
}

// explain says what went wrong, without secrets, and whether another attempt may help.
func (s *mailer) explain(ctx context.Context, err error, connected bool) error {
	server := s.email.Server
	what := "the mail server " + server.String()
	answer, answered := errors.AsType[*textproto.Error](err)
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s did not finish in time: %w", what, ctx.Err())
	case unverified:
		return backoff.Permanent(fmt.Errorf("%s is not trusted, and nothing was sent: %s", what, s.scrub(err.Error())))
	case answered && strings.Contains(err.Error(), "SMTP AUTH failed"):
		// What a server says to a password may repeat it in any spelling.
		failure := fmt.Errorf("%s does not accept the user and the password: it answers %d", what, answer.Code)
		if answer.Code >= 500 {
			return backoff.Permanent(failure)
		}
		return failure
	case answered && answer.Code >= 500:
		return backoff.Permanent(fmt.Errorf("%s: %s", what, s.scrub(err.Error())))
	case answered:
		return fmt.Errorf("%s: %s", what, s.scrub(err.Error()))
	case errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed):
		if !connected {
			return fmt.Errorf("%s cannot be reached: %s", what, s.scrub(err.Error()))
		}
		return fmt.Errorf("%s broke off: %s", what, s.scrub(err.Error()))
	case strings.Contains(err.Error(), "STARTTLS"):
		return backoff.Permanent(fmt.Errorf("%s does not offer STARTTLS, and nothing was sent; write smtps:// if it speaks TLS from the start, or ?tls=none to send in the clear", what))
	default:
		return backoff.Permanent(fmt.Errorf("%s: %s", what, s.scrub(err.Error())))
	}
}

// scrub takes the password out of a text, in the spellings that it has on the way.
func (s *mailer) scrub(text string) string {
	user, password := s.email.Server.User, s.email.Server.Password
	if user == "" {
		return scrub(text, nil)
	}
	base := base64.StdEncoding.EncodeToString
	return scrub(text, []string{
		base([]byte("\x00" + user + "\x00" + password)), base([]byte(password)),
		strconv.Quote(password), password, url.QueryEscape(password), url.PathEscape(password),
	})
}
