package cli

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The service explains rows on its page where it is told to, masked.
func TestServeExplains(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := newConsole(t)
	if code := c.run(t.Context(), "demo", "--dir", "."); code != 0 {
		t.Fatal(c.err.String())
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ended := make(chan int, 1)
	go func() {
		ended <- c.run(ctx, "serve", "--listen", "127.0.0.1:0", "--reload-interval", "0", "--explain")
	}()
	address := regexp.MustCompile(`address=(127\.0\.0\.1:\d+)`)
	for deadline := time.Now().Add(20 * time.Second); !address.MatchString(c.err.String()) || !strings.Contains(c.err.String(), "msg=serving"); time.Sleep(5 * time.Millisecond) {
		if len(ended) > 0 || time.Now().After(deadline) {
			t.Fatal(c.err.String())
		}
	}
	at := "http://" + address.FindStringSubmatch(c.err.String())[1] + "/explain"
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(sync, key string) (int, string) {
		t.Helper()
		form := url.Values{"sync": {sync}, "key": {key}}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if code, body := ask("sync.staff", "H1001"); code != http.StatusOK || !strings.Contains(body, "Mapping") || !strings.Contains(body, "(sensitive)") || strings.Contains(body, "anais.lefevre") {
		t.Errorf("a row: %d\n%s", code, body)
	}
	if code, body := ask("sync.nobody", "x"); code != http.StatusUnprocessableEntity || !strings.Contains(body, "There is no sync sync.nobody") {
		t.Errorf("no such sync: %d\n%s", code, body)
	}
	end()
	if code := <-ended; code != 0 {
		t.Errorf("serve ends with %d; %s", code, c.err.String())
	}
}
