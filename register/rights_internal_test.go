package register

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

type numbered int32

func (numbered) Error() string           { return "mssql: refused" }
func (n numbered) SQLErrorNumber() int32 { return int32(n) }

func TestIsDenied(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Error 1142 (42000): SELECT command denied to user 'u'@'h' for table 'registrar_pause'": true,
		"ORA-00942: table or view does not exist":                                               true,
		"Error 1054 (42S22): Unknown column":                                                    false,
		"EOF":                                                                                   false,
	} {
		if got := isDenied(errors.New(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	if !isDenied(numbered(229)) || isDenied(numbered(208)) {
		t.Error("SQL Server's numbers are not told apart")
	}
}

// The remedy is said once, however the error is wrapped.
func TestRemedy(t *testing.T) {
	t.Parallel()
	for _, denied := range []error{numbered(229), errors.New("Error 1142 (42000): SELECT command denied to user 'u'@'h' for table 'extra'")} {
		wrapped := fmt.Errorf("sync.extra: %w", fmt.Errorf("compare: %w", denied))
		if got := Remedy(wrapped); !strings.Contains(got, "registrar init --print-grants") {
			t.Errorf("%v: %q", wrapped, got)
		}
		if got := Remedy(fmt.Errorf("read pauses: %w", withRemedy(denied))); got != "" {
			t.Errorf("it is said twice: %q", got)
		}
	}
	for _, other := range []error{nil, numbered(208), errors.New("EOF")} {
		if got := Remedy(other); got != "" {
			t.Errorf("%v: %q", other, got)
		}
	}
}
