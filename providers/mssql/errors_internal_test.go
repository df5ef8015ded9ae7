package mssql

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// TestSeveralErrors: all that the server says is told, each thing once, and the first says where.
func TestSeveralErrors(t *testing.T) {
	server := mssql.Error{Number: 8180, LineNo: 1, Message: "Statement(s) could not be prepared."}
	server.All = []mssql.Error{
		{Number: 207, LineNo: 4, Message: "Invalid column name 'a'."}, {Number: 207, LineNo: 5, Message: "Invalid column name 'b'."}, {Number: 207, LineNo: 6, Message: "Invalid column name 'a'."}, server,
	}
	safe := newError(server)
	if want := "Invalid column name 'a'; Invalid column name 'b'; Statement(s) could not be prepared (error 207)"; safe.Error() != want || safe.Line != 4 {
		t.Errorf("%v at line %d", safe, safe.Line)
	}
}

// TestSafeError: what is wrapped around the server's words stays, and nothing else of theirs.
func TestSafeError(t *testing.T) {
	server := mssql.Error{Number: 2628, Message: "String or binary data would be truncated in table 'person', column 'name'. Truncated value: 'Lovelace'."}
	other := errors.New("other")
	for _, test := range []struct {
		err  error
		want string
	}{
		{server, "a text is too long for its column (error 2628)"},
		{fmt.Errorf("load: %w", server), "load: a text is too long for its column (error 2628)"},
		{errors.Join(other, fmt.Errorf("load: %w", server)), "other\nload: a text is too long for its column (error 2628)"},
		{fmt.Errorf("load: %w", other), "load: other"},
		{fmt.Errorf("read: %w", mssql.StreamError{InnerError: io.ErrUnexpectedEOF}), "read: the connection to the server broke off"},
		{errors.Join(mssql.StreamError{InnerError: other}), "the server's answer breaks off: other"},
	} {
		safe := safeError(test.err)
		if safe == nil || safe.Error() != test.want {
			t.Errorf("%v, expected %s", safe, test.want)
		}
		if errors.Is(test.err, other) && !errors.Is(safe, other) {
			t.Errorf("%v is no longer what it was", safe)
		}
	}
	if safeError(nil) != nil {
		t.Error("nil became an error")
	}
	var found *Error
	if !errors.As(safeError(fmt.Errorf("load: %w", server)), &found) || strings.Contains(found.Error(), "Lovelace") {
		t.Errorf("%v", found)
	}
}

// TestPasswordWithheld: a text of the driver's that holds the password is not shown, not even without it.
func TestPasswordWithheld(t *testing.T) {
	for password, text := range map[string]string{"e": "some text of the driver's", "Pa55": "parse sqlserver://u:Pa55@h", "p@55": "parse sqlserver://u:p%4055@h"} {
		s := &settings{host: "h", port: 1433, database: "d", password: password}
		if err := s.connectError(errors.New(text)); err.Error() != "connect to sqlserver://h:1433/d: "+sqlsource.Withheld {
			t.Errorf("%v", err)
		}
	}
}
