package celcat

import (
	"regexp"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

const masked = "(masked)"

var (
	secretNames = regexp.MustCompile(`(?i)password|passwd|passphrase|(^|_|[a-z])pass$|^pass_|pwd|mdp|mot_?de_?passe|secret|token|credential|api_?key|private_?key|connection_?string|chaine_?(de_?)?connexion|^dsn$`)
	// Passwords in settings, addresses and XML that was commented out, and connection strings as a whole.
	secretValues = regexp.MustCompile(`(?is)(pass(word)?|pwd|mdp|mot\s*de\s*passe|secret)\s*[=:]|<[^>]*(pass|pwd|mdp)[^>]*>|\w+://[^/\s]*:[^/\s]*@|\(description\s*=|` +
		`\b(server|data source|host|provider|driver|user id|uid)\s*=.*;|;.*\b(server|data source|host|provider|driver|user id|uid)\s*=`)
	// In a query such words may be columns: there only what logs in elsewhere counts.
	secretQueries = regexp.MustCompile(`(?is)openrowset|opendatasource|identified\s+by|\b(password|pwd)\s*=[^;'"]*;`)
	// A user and a password before a server, as Oracle's tools take them.
	oracleLogin = regexp.MustCompile(`^\S+/\S+@\S+$`)
)

// secret reports whether a leaf's value may be a password or hold one: by its name, that of the element around it, or by how it looks.
func secret(l *leaf) bool {
	if selects.MatchString(l.value) {
		return secretQueries.MatchString(l.value)
	}
	if secretNames.MatchString(l.called()) || secretValues.MatchString(l.value) || oracleLogin.MatchString(strings.TrimSpace(l.value)) {
		return true
	}
	if l.name == "comment()" {
		return false
	}
	// <add key="password" value="…"/>, and <password><value>…</value></password>: the name may stand beside, or above.
	for _, beside := range l.of.leaves {
		if beside.name != "" && beside.name != l.name && secretNames.MatchString(beside.value) {
			return true
		}
	}
	for e := l.of; e.parent != nil; e = e.parent {
		if secretNames.MatchString(e.name) {
			return true
		}
	}
	return false
}

// What a value looks like.
var (
	days      = regexp.MustCompile(`^(\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}|\d\d?\.\d\d?\.\d{4})([T ]\d\d:\d\d.*)?$`)
	hours     = regexp.MustCompile(`^([01]?\d|2[0-3])([:hH])[0-5]\d(:[0-5]\d)?$`)
	intervals = regexp.MustCompile(`(?i)^(\d+\s*(s|sec|secondes?|seconds?|mn|min|minutes?|h|heures?|hours?|j|jours?|days?)|P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$`)
	word      = regexp.MustCompile(`[\p{L}]+`)
	table     = regexp.MustCompile(`^[A-Za-z_][\w$#]*(\.[A-Za-z_][\w$#]*)*$`)
	everyWord = regexp.MustCompile(`(?i)freq|interval|every|period|declench`)
	truth     = regexp.MustCompile(`(?i)^(true|1|yes|oui|vrai|false|0|no|non|faux)$`)
)

var weekdays = map[string]bool{
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
	"lundi": true, "mardi": true, "mercredi": true, "jeudi": true, "vendredi": true, "samedi": true, "dimanche": true,
}

// kindOf says what a leaf looks like, in words; "" where it looks like nothing known.
func kindOf(l *leaf) string {
	value := strings.TrimSpace(l.value)
	isWeekday := func(text string) bool {
		all := word.FindAllString(hcltext.Bare(text), -1)
		return len(all) > 0 && !slices.ContainsFunc(all, func(w string) bool { return !weekdays[w] })
	}
	switch {
	case value == "" || l.name == "comment()":
		return ""
	case days.MatchString(value):
		return "a day: active { from, until }"
	case hours.MatchString(value):
		return "an hour: window { hours }, or at"
	case isWeekday(value), isWeekday(l.called()) && truth.MatchString(value):
		return "a weekday: window { days }"
	case intervals.MatchString(value), everyWord.MatchString(l.called()) && strings.Trim(value, "0123456789") == "":
		return "an interval: every"
	case strings.Contains(hcltext.Bare(l.called()), "table") && table.MatchString(value):
		return "a table's name"
	}
	return ""
}

// beside lists what stands in a query's task and looks like a time or a table.
func (k *skeleton) beside(task *element) string {
	var b strings.Builder
	for _, l := range task.all() {
		kind := kindOf(l)
		if kind == "" || secret(l) || k.used[l] {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("\nIn the same place there are, by their looks (times belong into a schedule block):\n")
		}
		b.WriteString("  " + l.path() + " = " + hcltext.OneLine(strings.TrimSpace(l.value)) + " # " + kind + "\n")
	}
	return b.String()
}
