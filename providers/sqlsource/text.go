package sqlsource

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"
)

// MaskQuoted replaces what stands between the first of the quotes in a message and the last by "…": a value may
// hold quotes itself.
func MaskQuoted(message, quotes string) string {
	first, last := strings.IndexAny(message, quotes), strings.LastIndexAny(message, quotes)
	if first < 0 {
		return message
	}
	_, size := utf8.DecodeRuneInString(message[last:])
	return message[:first] + "…" + message[last+size:]
}

// Withheld stands for a text that Withhold does not show.
const Withheld = "the message is not shown, because it holds the password, or letters that are the same"

// Withhold returns Withheld for a text that holds the password, as it is or as a URL spells it. To cut it out instead
// would spell a short one: every place where it is missing shows it.
func Withhold(text, password string) string {
	if password == "" {
		return text
	}
	_, userinfo, _ := strings.Cut(url.UserPassword("", password).String(), ":")
	for _, spelling := range []string{password, userinfo, url.QueryEscape(password), url.PathEscape(password)} {
		if strings.Contains(text, spelling) {
			return Withheld
		}
	}
	return text
}

// IsThisMachine reports whether a host, a name or an address, is the machine that this program runs on, as far as that
// shows without asking for a name: localhost, and the addresses of the loopback. What is below localhost may be anywhere.
func IsThisMachine(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && address.Unmap().IsLoopback()
}
