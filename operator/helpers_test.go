package operator

import (
	"regexp"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// matches tries each line of a pattern on the lines of a text.
func matches(pattern, text string) bool {
	return regexp.MustCompile("(?m)^" + pattern).MatchString(text)
}

// expect compares diagnostics with what is expected to be in them: "" for none.
func expect(t testing.TB, diags config.Diagnostics, want string) {
	t.Helper()
	text := ""
	for _, d := range diags {
		text += d.Subject.String() + ": " + d.Summary + ": " + d.Detail + "\n"
	}
	switch {
	case want == "" && text != "":
		t.Errorf("unexpected:\n%s", text)
	case want != "" && !regexp.MustCompile(want).MatchString(text):
		t.Errorf("%q is not in:\n%s", want, text)
	}
}
