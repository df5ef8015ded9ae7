package hcl

import (
	"net/mail"
	"net/url"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/config"
)

// notifyBlock is a notify block.
type notifyBlock struct {
	block    *hclsyntax.Block
	notifier *config.Notifier
}

var notifyKinds = []string{"email"}

var notifySchema = schema{arguments: map[string]bool{"on": true, "to": true, "smtp": true, "from": false}}

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
		Range:   position(source.DefRange()),
	}
	c.config.Notifiers = append(c.config.Notifiers, n)
	if !slices.Contains(notifyKinds, n.Kind) {
		c.errorf(source.LabelRanges[0], "Unknown kind of notifier", "Nobody can be notified by %q.%s", n.Kind, didYouMean(n.Kind, notifyKinds))
		return
	}
	sc := scope{ctx: c.base, locals: true}
	b := c.open(source, "notify block", notifySchema, sc).in(sc)
	on, ok := b.words("on")
	if ok && len(on) == 0 {
		b.fail("on", invalidValue, `"on" is empty: nobody would ever be told.`)
	}
	for _, w := range on {
		if !slices.Contains(config.Events, config.Event(w.text)) {
			c.errorf(w.at, invalidValue, "%q is no event; expected %s.%s", w.text, alternatives(config.Events), nearest(w.text, config.Events))
			continue
		}
		n.On = append(n.On, config.Event(w.text))
	}
	to, ok := b.words("to")
	if ok && len(to) == 0 {
		b.fail("to", invalidValue, `"to" is empty; it lists the addresses to write to.`)
	}
	for _, w := range to {
		if _, err := mail.ParseAddress(w.text); err != nil {
			c.errorf(w.at, invalidValue, `"to" holds %q, which is not an e-mail address.`, w.text)
		}
	}
	n.To = texts(to)
	if from, ok := b.text("from"); ok {
		if _, err := mail.ParseAddress(from); err != nil {
			b.fail("from", invalidValue, `"from" is %q, which is not an e-mail address.`, from)
		}
		n.From = from
	}
	c.compileSMTP(b, n)
}

// compileSMTP evaluates the server's URL, which may hold a password and is never
// repeated.
func (c *compiler) compileSMTP(b *block, n *config.Notifier) {
	text, ok := b.secretText("smtp")
	if !ok {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		b.fail("smtp", invalidValue, `"smtp" must be the URL of a server, such as smtp://mail.example.org:587 or smtps://mail.example.org:465.`)
		return
	}
	n.SMTP = text
}
