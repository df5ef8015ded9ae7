package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNotifyTest(t *testing.T) {
	var got []string
	gone := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
		if gone {
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	hook := func(name string) string {
		return fmt.Sprintf("notify \"webhook\" %q {\n  on  = [\"failure\"]\n  url = \"%s/hooks/mArKeR7\"\n}\n", name, server.URL)
	}
	for name, tc := range map[string]struct {
		config string
		args   []string
		gone   bool
		code   int
		want   string
		sent   int
	}{
		"the only one": {hook("chat"), nil, false, 0, "notify.webhook.chat: the message was taken.", 1},
		"one of two":   {hook("chat") + hook("other"), []string{"notify.webhook.other"}, false, 0, "notify.webhook.other: the message was taken.", 1},
		"which":        {hook("chat") + hook("other"), nil, false, 1, "say which notifier: notify.webhook.chat, notify.webhook.other", 0},
		"misspelt":     {hook("chat"), []string{"notify.webhook.caht"}, false, 1, `did you mean "notify.webhook.chat"?`, 0},
		"none":         {"locals {}\n", nil, false, 1, "has no notifier", 0},
		"refused":      {hook("chat"), nil, true, 1, "answers 410 Gone", 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			if err := os.WriteFile(filepath.Join(c.Dir, "main.hcl"), []byte(tc.config), 0o600); err != nil {
				t.Fatal(err)
			}
			got, gone = nil, tc.gone
			code := c.run(t.Context(), append([]string{"notify", "test"}, tc.args...)...)
			said := c.out.String() + c.err.String()
			if code != tc.code || !strings.Contains(strings.Join(strings.Fields(said), " "), tc.want) || strings.Contains(said, "mArKeR7") {
				t.Errorf("it ends with %d: %s", code, said)
			}
			if len(got) != tc.sent {
				t.Errorf("%d messages", len(got))
			}
			for _, body := range got {
				if !strings.Contains(body, `"kind":"test"`) {
					t.Errorf("sent %s", body)
				}
			}
		})
	}
}
