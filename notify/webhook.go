package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/registrar-sync/registrar/config"
)

// The most of an answer that is read, so that the connection can end in order.
const maxAnswer = 64 << 10

// hook sends to webhooks.
type hook struct {
	*delivery
	webhook *config.Webhook
}

func (s *hook) send(ctx context.Context, m *message) error {
	target, err := url.Parse(s.webhook.URL)
	if err != nil {
		return errors.New("the webhook's URL cannot be read") // its own error would repeat it
	}
	body, err := s.body(m)
	if err != nil {
		return err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         s.dial,
		TLSClientConfig:     &tls.Config{RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout,
		ForceAttemptHTTP2:   true,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: stay}
	what := "the webhook at " + target.Host
	return s.persist(ctx, target.Host, func(ctx context.Context) error {
		return s.post(ctx, client, what, m, body)
	})
}

// stay follows redirects that keep the message, to the same server; no other is told.
func stay(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if len(before) > 3 || next.Method != http.MethodPost || next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}

// body is what is sent.
func (s *hook) body(m *message) ([]byte, error) {
	var payload any = m
	if d := dialectOf(s.webhook.Format); d != nil {
		payload = map[string]string{"text": d.render(m.page())}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(payload); err != nil {
		return nil, fmt.Errorf("write the webhook's payload: %w", err)
	}
	return out.Bytes(), nil
}

// post makes one attempt.
func (s *hook) post(ctx context.Context, client *http.Client, what string, m *message, body []byte) error {
	attempt, cancel := context.WithTimeout(ctx, s.webhook.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(attempt, http.MethodPost, s.webhook.URL, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(fmt.Errorf("%s: %s", what, s.scrub(reason(err))))
	}
	for name, value := range s.webhook.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", strings.TrimSuffix("registrar/"+line(m.RegistrarVersion), "/"))
	response, err := client.Do(request)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return fmt.Errorf("%s did not answer in time: %w", what, ctx.Err())
	case attempt.Err() != nil:
		return fmt.Errorf("%s did not answer within %s", what, s.webhook.Timeout)
	default:
		failure := fmt.Errorf("%s cannot be reached: %s", what, s.scrub(reason(err)))
		if _, unverified := errors.AsType[*tls.CertificateVerificationError](err); unverified {
			return backoff.Permanent(failure)
		}
		return failure
	}
	defer func() {
		_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
		_ = response.Body.Close()
	}()
	return s.judge(what, response)
}

// judge says what an answer means. What it holds is not repeated: it may quote what was sent.
func (s *hook) judge(what string, response *http.Response) error {
	code := response.StatusCode
	failure := fmt.Errorf("%s answers %d %s", what, code, http.StatusText(code))
	switch {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return backoff.Permanent(fmt.Errorf("%s answers %d: it redirects to another server, or so that the message would be lost; write the URL that it has now", what, code))
	case code != http.StatusTooManyRequests && code < 500:
		return backoff.Permanent(failure)
	}
	wait, asked := s.retryAfter(response.Header.Get("Retry-After"))
	switch {
	case !asked:
		return failure
	case wait > patience:
		return backoff.Permanent(fmt.Errorf("%w, and asks for patience until later than is waited", failure))
	default:
		return waitError{failure, &backoff.RetryAfterError{Duration: wait}}
	}
}

// retryAfter reads the header of that name: seconds, or a date.
func (s *hook) retryAfter(header string) (time.Duration, bool) {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(s.options.Now())), true
	}
	return 0, false
}

// reason is an error without the URL that package http writes before it.
func reason(err error) string {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err.Error()
	}
	return err.Error()
}

// scrub takes the URL, but for its host, and the headers' values out of a text.
func (s *hook) scrub(text string) string {
	secrets := []string{s.webhook.URL}
	if u, err := url.Parse(s.webhook.URL); err == nil {
		secrets = append(secrets, u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery)
		if u.User != nil {
			password, _ := u.User.Password()
			secrets = append(secrets, u.User.String(), password, u.User.Username(),
				base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
		}
	}
	for _, value := range s.webhook.Headers {
		secrets = append(secrets, value)
	}
	return scrub(text, secrets)
}
