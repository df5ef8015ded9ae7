package config

import (
	"log/slog"
	"net"
	"strconv"
	"time"
)

// Notifier is a notify block: whom to tell, how, and when.
type Notifier struct {
	Address string // notify.email.scolarite
	Kind    string // email or webhook
	Name    string
	On      []Event
	// Repeat is how long what goes on is not told again, but for a twelfth of it; 24 h unless set, 0: told each time.
	Repeat time.Duration
	// Exactly one of Email and Webhook is set.
	Email   *Email
	Webhook *Webhook
	// Secrets are the names of the sensitive variables of the root that Email and Webhook depend on, sorted.
	Secrets []string
	// ServerSecrets are those of them that say, with what else its URL holds, where the server is.
	ServerSecrets []string
	Range         Range
}

// Email is how a notifier sends mail.
type Email struct {
	To     []string
	From   string // "": registrar@ the host's name
	Server MailServer
}

// MailServer is an SMTP server, as a URL says.
type MailServer struct {
	Host string
	Port int
	TLS  MailTLS
	// User is "" for a server that asks for none. Password is secret: never print it.
	User, Password string
}

// String leaves the user and the password out.
func (s MailServer) String() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// LogValue does as String.
func (s MailServer) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MailTLS is how the way to a mail server is encrypted.
type MailTLS string

// The ways.
const (
	StartTLS MailTLS = "required" // nothing is sent before STARTTLS succeeded
	FullTLS  MailTLS = "implicit" // smtps://: from the first byte on
	NoTLS    MailTLS = "none"
)

// Webhook is how a notifier calls a web server.
type Webhook struct {
	// URL often is a secret: never print it, nor what it answers.
	URL    string
	Format WebhookFormat
	// Headers may be secret.
	Headers map[string]string
	Timeout time.Duration // of one attempt; 10 s unless set
}

// WebhookFormat is what a webhook is sent.
type WebhookFormat string

// The formats.
const (
	WebhookJSON       WebhookFormat = "json" // registrar's own
	WebhookMattermost WebhookFormat = "mattermost"
	WebhookSlack      WebhookFormat = "slack"
	WebhookRocketChat WebhookFormat = "rocketchat"
)

// Observer is an on_change block: whom to tell when a column takes a value.
type Observer struct {
	Address string // on_change.left
	Name    string
	// Syncs are the addresses of the instances observed, at least one.
	Syncs []string
	// Column is a mapped column, or a key of a lookup as "column.key".
	Column string
	// From and To are canonical texts; nil: any value, or NULL where FromNull or ToNull is set. At
	// least one of the four is set.
	From, To         *string
	FromNull, ToNull bool
	Notify           []*Notifier // at least one, whatever their On
	Range            Range
}

// Event is something that people are told about.
type Event string

// The events.
const (
	OnFailure   Event = "failure"   // a unit failed
	OnHeld      Event = "held"      // a guard or a check holds a plan, or deletes were held back
	OnFindings  Event = "findings"  // a check found something worse than info, or an assert warned
	OnRejects   Event = "rejects"   // records were rejected
	OnRecovered Event = "recovered" // what failed or was held went through
	OnChanges   Event = "changes"   // something was written
	OnEvery     Event = "every"     // each run
)

// Events lists every event.
var Events = []Event{OnFailure, OnHeld, OnFindings, OnRejects, OnRecovered, OnChanges, OnEvery}
