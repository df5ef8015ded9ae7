package mysql

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// TestNewError: names stay, rows do not, whatever number the database's own code gives to a text of its own.
func TestNewError(t *testing.T) {
	const syntax = "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near "
	const refused = "refused by the server (error "
	for _, test := range []struct {
		number        uint16
		state         string
		message, want string
	}{
		{1062, "23000", "Duplicate entry 'Dupont' for key 'name'", "Duplicate entry … for key 'name' (error 1062, SQLSTATE 23000)"},
		{1062, "23000", "Duplicate entry 'Dupont' for key 'x' for key 'name'", "Duplicate entry … for key 'name' (error 1062, SQLSTATE 23000)"},
		{1062, "42000", "Duplicate entry 'x' for key 'Dupont'", "a row's key is there already (error 1062, SQLSTATE 42000)"},
		{1062, "", "Dupont is there", "a row's key is there already (error 1062)"},
		{1366, "22007", "Incorrect integer value: 'Dupont' for column `db`.`t`.`c` at row 1", "a value is none of the type of column `db`.`t`.`c`, at row 1 (error 1366, SQLSTATE 22007)"},
		{1366, "HY000", `Incorrect string value: '\xE9Dupont' for column 'c' at row 1`, "a value is none of the type of column 'c', at row 1 (error 1366, SQLSTATE HY000)"},
		{1366, "HY000", `Incorrect string value: 'x' for column Dupont at row 1`, "a value is none of its column's type (error 1366, SQLSTATE HY000)"},
		{1292, "22007", "Truncated incorrect DOUBLE value: 'it's Dupont'", "a value cannot be read as the type that it is converted to (error 1292, SQLSTATE 22007)"},
		{1406, "22001", "Data too long for column 'c' at row 7", "Data too long for column 'c' at row 7 (error 1406, SQLSTATE 22001)"},
		{1406, "22001", "Data too long for column 'c' at row 7 'Dupont'", "a value is too long for its column (error 1406, SQLSTATE 22001)"},
		{1690, "22003", "BIGINT value is out of range in '(1 + 'Dupont')'", "a number is out of range (error 1690, SQLSTATE 22003)"},
		{1690, "22003", "Dupont owes 12 EUR", "a number is out of range (error 1690, SQLSTATE 22003)"},
		{1146, "42S02", "Table 'a.b' doesn't exist", "Table 'a.b' doesn't exist (error 1146, SQLSTATE 42S02)"},
		{1146, "42S02", "Table 'Dupont' is missed by 'x' doesn't exist", refused + "1146, SQLSTATE 42S02)"},
		{1146, "HY000", "Table 'Dupont' doesn't exist", refused + "1146, SQLSTATE HY000)"},
		{1644, "45000", "Dupont may not", "refused by the database's own code (error 1644, SQLSTATE 45000)"},
		{1146, "45000", "Table 'Dupont' doesn't exist", "refused by the database's own code (error 1146, SQLSTATE 45000)"},
		{1525, "HY000", "Incorrect DATE value: 'Dupont'", "a text cannot be read as a date or a time (error 1525, SQLSTATE HY000)"},
		{1064, "42000", syntax + "'FROMM " + strings.Repeat("é", 50) + "' at line 2", `there is a fault in the query's syntax, near "FROMM ` + strings.Repeat("é", 34) + `…" (error 1064, SQLSTATE 42000)`},
		{1064, "42000", "an error near 'Dupont' at line 1", "there is a fault in the query's syntax (error 1064, SQLSTATE 42000)"},
		{1142, "42000", "SELECT command denied to user 'u'@'h' for table `d`.`t`", "SELECT command denied to user 'u'@'h' for table `d`.`t` (error 1142, SQLSTATE 42000)"},
		{1142, "42000", "SELECT command denied to user 'u'@'h' for table `d`.`t` of Dupont's `t`", refused + "1142, SQLSTATE 42000)"},
		{1452, "23000", "Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, CONSTRAINT `k` FOREIGN KEY (`a`) REFERENCES `u` (`b`))", "fails (`d`.`t`, CONSTRAINT `k` FOREIGN KEY (`a`) REFERENCES `u` (`b`)) (error 1452, SQLSTATE 23000)"},
		{30001, "HY000", "Dupont owes 12 EUR", refused + "30001, SQLSTATE HY000)"},
		{9999, "", `a message "Dupont" of tomorrow`, refused + "9999)"},
	} {
		server := &driver.MySQLError{Number: test.number, Message: test.message}
		copy(server.SQLState[:], test.state)
		got := newError(server).Error()
		if !strings.HasSuffix(got, test.want) || strings.Contains(got, "Dupont") {
			t.Errorf("%d: %q became %q, expected %q", test.number, test.message, got, test.want)
		}
	}
}

// TestSafeError: what callers said stays.
func TestSafeError(t *testing.T) {
	s := &settings{password: "s3cret"}
	server := &driver.MySQLError{Number: 1062, SQLState: [5]byte([]byte("23000")), Message: "Duplicate entry 'Dupont s3cret' for key 'k'"}
	for _, err := range []error{
		fmt.Errorf("load row 7: %w", server), errors.Join(errors.New("load row 7"), server), fmt.Errorf("load row 7: %w; then %w", errors.New("x"), server),
	} {
		safe := s.safeError(err)
		known, ok := errors.AsType[*Error](safe)
		if !ok || known.Number != 1062 || known.State != "23000" || strings.Contains(safe.Error(), "Dupont") || strings.Contains(safe.Error(), "s3cret") {
			t.Errorf("%v became %v", err, safe)
		}
		if _, leaks := errors.AsType[*driver.MySQLError](safe); leaks {
			t.Errorf("%v still holds the driver's error", safe)
		}
	}
	if got := s.safeError(fmt.Errorf("load row 7: %w", server)).Error(); !strings.HasPrefix(got, "load row 7: Duplicate entry … ") {
		t.Errorf("what was wrapped around is lost: %s", got)
	}
	// A password that is a word of the message does not show by where it is missing.
	worded := &settings{password: "command"}
	if got := worded.safeError(&driver.MySQLError{Number: 1142, SQLState: [5]byte([]byte("42000")), Message: "SELECT command denied to user 'u'@'h' for table `d`.`t`"}).Error(); got != sqlsource.Withheld+" (error 1142, SQLSTATE 42000)" {
		t.Errorf("the password is spelt: %s", got)
	}
	other := fmt.Errorf("other: %w", errors.ErrUnsupported)
	if got := s.safeError(other); got.Error() != other.Error() || !errors.Is(got, errors.ErrUnsupported) || s.safeError(nil) != nil {
		t.Error("an error that is not the server's is changed")
	}
	expired := x509.CertificateInvalidError{Reason: x509.Expired}
	if got := s.safeError(fmt.Errorf("tls: %w", expired)); !errors.As(got, &expired) || !strings.Contains(got.Error(), "new certificate") {
		t.Errorf("an expired certificate: %v", got)
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{
		"10.11.19-MariaDB-0+deb12u1":   "MariaDB 10.11.19, read only",
		"5.5.5-10.6.1-MariaDB-log":     "MariaDB 10.6.1, read only",
		"5.5.68-MariaDB":               "MariaDB 5.5.68",
		"8.0.36":                       "MySQL 8.0.36, read only",
		"5.6.5-m8":                     "MySQL 5.6.5, read only",
		"5.6.4-m7-log":                 "MySQL 5.6.4",
		"5.0.96":                       "MySQL 5.0.96",
		"8.4":                          "MySQL 8.4.0, read only",
		"nothing that one could guess": "MySQL 0.0.0",
	} {
		v := parseVersion(text)
		got := v.String()
		if v.readOnly() {
			got += ", read only"
		}
		if got != want {
			t.Errorf("%s is read as %s, expected %s", text, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for name, want := range map[string][]string{
		"`a`": {"a"}, "`a`.`b`": {"a", "b"}, "a.`b.c`": {"a", "b.c"}, "`a``b`.c": {"a`b", "c"},
		"a.b": nil, "a": nil, "`a": nil, "`a`b": nil, "": nil,
	} {
		parts, ok := unquote(name)
		if !ok {
			parts = nil
		}
		if diff := cmp.Diff(want, parts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
