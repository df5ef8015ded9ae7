package hcl

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/config"
)

// notifyBlock is a notify block.
type notifyBlock struct {
	block    *hclsyntax.Block
	notifier *config.Notifier
}

const (
	defaultRepeat         = 24 * time.Hour
	defaultWebhookTimeout = 10 * time.Second
	maxWebhookTimeout     = time.Minute
)

var (
	notifyKinds   = []string{"email", "webhook"}
	emailSchema   = schema{arguments: map[string]bool{"on": true, "to": true, "smtp": true, "from": false, "repeat": false}}
	webhookSchema = schema{arguments: map[string]bool{
		"on": true, "url": true, "format": false, "headers": false, "timeout": false, "repeat": false,
	}}
	// formerEvents are those of versions that checked notifiers and sent nothing.
	formerEvents = map[string]string{
		"success":  `it is "changes" now, where something was written, or "every", after each run`,
		"recovery": `it is "recovered" now`,
	}
	// ownHeaders are set by registrar, or by what sends the request.
	ownHeaders = []string{"Content-Type", "Content-Length", "Host", "User-Agent", "Transfer-Encoding", "Connection"}
)

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// notifierNames lists the names of the notify blocks of each kind.
func (c *compiler) notifierNames() map[string][]string {
	out := make(map[string][]string)
	for _, n := range c.notifiers {
		out[n.block.Labels[0]] = append(out[n.block.Labels[0]], n.block.Labels[1])
	}
	return out
}

func (c *compiler) compileNotify(source *hclsyntax.Block) {
	n := c.notifiers[pair(source)].notifier
	*n = config.Notifier{
		Address: c.prefix + "notify." + pair(source),
		Kind:    source.Labels[0],
		Name:    source.Labels[1],
		Repeat:  defaultRepeat,
		Range:   position(source.DefRange()),
	}
	c.config.Notifiers = append(c.config.Notifiers, n)
	sc := scope{ctx: c.base, locals: true}
	var b *block
	switch n.Kind {
	case "email":
		b = c.open(source, "notify block", emailSchema, sc).in(sc)
		n.Email = b.email()
	case "webhook":
		b = c.open(source, "notify block", webhookSchema, sc).in(sc)
		n.Webhook = b.webhook()
	default:
		c.errorf(source.LabelRanges[0], "Unknown kind of notifier", "Nobody can be notified by %q; expected %s.%s", n.Kind, alternatives(notifyKinds), nearest(n.Kind, notifyKinds))
		return
	}
	n.Secrets = c.secretsOf(source)
	for _, name := range []string{"smtp", "url"} {
		if a := source.Body.Attributes[name]; a != nil {
			n.ServerSecrets = append(n.ServerSecrets, variablesOf(referred(a.Expr, c.base)...)...)
		}
	}
	n.On = b.events()
	if repeat, ok := b.duration("repeat"); ok {
		n.Repeat = repeat
	}
}

// events evaluates the argument on.
func (b *block) events() []config.Event {
	on, ok := b.words("on")
	if ok && len(on) == 0 {
		b.fail("on", invalidValue, `"on" is empty: nobody would ever be told.`)
	}
	var out []config.Event
	for _, w := range on {
		event := config.Event(w.text)
		if slices.Contains(config.Events, event) {
			out = append(out, event)
			continue
		}
		b.c.failures++
		if now, former := formerEvents[w.text]; former {
			b.c.errorf(w.at, invalidValue, "The event %q is gone: %s.", w.text, now)
			continue
		}
		b.c.errorf(w.at, invalidValue, "%q is no event; expected %s.%s", w.text, alternatives(config.Events), nearest(w.text, config.Events))
	}
	return out
}

func (b *block) email() *config.Email {
	out := &config.Email{}
	to, ok := b.words("to")
	if ok && len(to) == 0 {
		b.fail("to", invalidValue, `"to" is empty; it lists the addresses to write to.`)
	}
	for _, w := range to {
		if !isMailAddress(w.text) {
			b.c.failures++
			b.c.errorf(w.at, invalidValue, `"to" holds %q, which is not an e-mail address.`, w.text)
		}
	}
	out.To = texts(to)
	if from, ok := b.text("from"); ok {
		if !isMailAddress(from) {
			b.fail("from", invalidValue, `"from" is %q, which is not an e-mail address.`, from)
		}
		out.From = from
	}
	text, ok := b.secretText("smtp")
	if !ok {
		return out
	}
	server, err := parseMailServer(text)
	if err != nil {
		b.fail("smtp", invalidValue, `"smtp" must be the URL of a server, such as smtp://mail.example.org:587 or smtps://mail.example.org:465: %s.`, err)
		return out
	}
	out.Server = server
	if server.TLS == config.NoTLS && !isLoopback(server.Host) {
		b.c.warnf(b.at("smtp"), inTheClear, "Who can listen on the way to the mail server can read the messages and change them. Without tls=none they are only sent if the server offers STARTTLS and its certificate is valid.")
	}
	return out
}

const inTheClear = "Messages in the clear"

// isMailAddress is true for what fits into one header line.
func isMailAddress(text string) bool {
	_, err := mail.ParseAddress(text)
	return err == nil && !strings.ContainsAny(text, "\r\n\x00")
}

// parseMailServer reads smtp://user:password@host:port?tls=required or smtps://…. Its errors
// do not repeat any of it.
func parseMailServer(text string) (config.MailServer, error) {
	var none config.MailServer
	u, err := url.Parse(text)
	if err != nil {
		return none, errors.New("it cannot be read as a URL; what is no letter or digit in a user or password is written as % and two hexadecimal digits, as %40 for @")
	}
	out := config.MailServer{Host: u.Hostname()}
	switch u.Scheme {
	case "smtp":
		out.Port, out.TLS = 587, config.StartTLS
		if isLoopback(out.Host) {
			out.TLS = config.NoTLS
		}
	case "smtps":
		out.Port, out.TLS = 465, config.FullTLS
	default:
		return none, errors.New("it begins with smtp:// or smtps://")
	}
	if out.Host == "" || strings.ContainsAny(out.Host, " \t\r\n") {
		return none, errors.New("it has no host")
	}
	if port := u.Port(); port != "" {
		if out.Port, err = strconv.Atoi(port); err != nil || out.Port < 1 || out.Port > 65535 {
			return none, errors.New("its port is not between 1 and 65535")
		}
	}
	if u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return none, errors.New("something stands behind the host and the port; what is no letter or digit in a user or password is written as % and two hexadecimal digits, as %40 for @")
	}
	// Its error may quote what is written.
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return none, errors.New("what follows the question mark is not name=value")
	}
	for name, values := range query {
		switch {
		case name != "tls" || len(values) > 1:
			return none, errors.New("the one parameter that there is is tls, as in ?tls=none")
		case u.Scheme == "smtps":
			return none, errors.New("smtps:// is always encrypted: leave tls out")
		case values[0] != string(config.StartTLS) && values[0] != string(config.NoTLS):
			return none, fmt.Errorf(`tls is "%s" or "%s"`, config.StartTLS, config.NoTLS)
		}
		out.TLS = config.MailTLS(values[0])
	}
	if u.User == nil {
		return out, nil
	}
	password, has := u.User.Password()
	out.User, out.Password = u.User.Username(), password
	switch {
	case out.User == "" || !has || password == "":
		return none, errors.New("before the @ stand both a user and a password, as user:password@")
	case out.TLS == config.NoTLS && !isLoopback(out.Host):
		return none, errors.New("a password is not sent in the clear: leave out tls=none, or the user and the password")
	}
	return out, nil
}

// isLoopback reports whether what is sent to a host stays on this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (b *block) webhook() *config.Webhook {
	out := &config.Webhook{Timeout: defaultWebhookTimeout}
	out.Format = choice(b, "format", []config.WebhookFormat{
		config.WebhookJSON, config.WebhookMattermost, config.WebhookSlack, config.WebhookRocketChat,
	}, config.WebhookJSON)
	if timeout, ok := b.duration("timeout"); ok {
		if timeout < time.Second || timeout > maxWebhookTimeout {
			b.fail("timeout", invalidValue, `"timeout" is %s; expected 1s to 1m.`, timeout)
		}
		out.Timeout = timeout
	}
	out.Headers = b.headers()
	text, ok := b.secretText("url")
	if !ok {
		return out
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Fragment != "" {
		b.fail("url", invalidValue, `"url" must be where to send to, such as https://chat.example.org/hooks/….`)
		return out
	}
	out.URL = text
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		b.c.warnf(b.at("url"), inTheClear, "Who can listen on the way to the server can read the messages, and the URL, which often is all that it takes to send some. Write https:// if the server knows it.")
	}
	return out
}

// headers evaluates the argument headers, which may be secret, names included.
func (b *block) headers() map[string]string {
	a := b.arguments["headers"]
	if a == nil {
		return nil
	}
	v, ok := b.c.eval(a.Expr, b.scope)
	if !ok {
		b.c.failures++
		return nil
	}
	if b.c.opts.Untrusted && v.ContainsMarked() {
		return nil
	}
	v, _ = v.UnmarkDeep()
	if v, ok = b.c.converted(v, cty.Map(cty.String), b.at("headers"), quoted("headers")); !ok {
		return nil
	}
	out := make(map[string]string, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		name := key.AsString()
		switch {
		case element.IsNull():
			b.fail("headers", invalidValue, `"headers" holds a null.`)
		case !headerName.MatchString(name):
			b.fail("headers", invalidValue, `"headers" holds a name that no header can have: letters, digits and hyphens, as in Authorization.`)
		case slices.ContainsFunc(ownHeaders, func(own string) bool { return strings.EqualFold(own, name) }):
			b.fail("headers", invalidValue, `"headers" cannot hold %s: registrar sets those itself.`, alternatives(ownHeaders))
		case strings.ContainsFunc(element.AsString(), unicode.IsControl):
			b.fail("headers", invalidValue, `"headers" holds a value that no header can have: it is one line of text.`)
		default:
			out[name] = element.AsString()
		}
	}
	return out
}
