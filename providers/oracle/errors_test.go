package oracle

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sijms/go-ora/v2/network"
)

func TestErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	const secret = "Zyx91827"
	for _, c := range []struct {
		code    int
		message string
		want    string
	}{
		{942, "ORA-00942: table or view does not exist\n", "ORA-00942: table or view does not exist"},
		{904, "ORA-00904: \"T\".\"LABLE\": invalid identifier\nHelp: https://docs.example.org/", `ORA-00904: "T"."LABLE": invalid identifier`},
		{1722, "ORA-01722: invalid number\n", "ORA-01722: invalid number"},
		{1722, "ORA-01722: unable to convert string value containing '" + secret + "' to a number: \nORA-03302: (ORA-01722 details) invalid string value: " + secret, "ORA-01722: unable to convert string value containing … to a number:"},
		{1858, "ORA-01858: a \"" + secret + "\" character was found where a numeric was expected", "ORA-01858: a … character was found where a numeric was expected"},
		{20001, "ORA-20001: student " + secret + " is locked\nORA-06512: at \"S.P\", line 3", "ORA-20001: refused by the database's own code"},
		{29532, "ORA-29532: Java call terminated by uncaught Java exception: " + secret, "ORA-29532: refused by the database's own code"},
		{31011, "ORA-31011: XML parsing failed\nORA-19202: " + secret, "ORA-31011: refused by the database's own code"},
		{40441, "ORA-40441: JSON syntax error " + secret, "ORA-40441: refused by the database's own code"},
		{1, "ORA-00001: unique constraint (S.U) violated\nORA-03301: (ORA-00001 details) row with column values (CODE:'" + secret + "') already exists", "ORA-00001: unique constraint (S.U) violated"},
		{1013, "", "ORA-01013: user requested cancel of current operation"},
		{600, "ORA-00600: internal error code, arguments: [kcb], [" + "1], '" + secret + "' it's", "ORA-00600: internal error code, arguments: [kcb], [1], …s"},
		{4711, "", "ORA-04711: the server gives no text"},
	} {
		server := &network.OracleError{ErrCode: c.code, ErrMsg: c.message}
		for _, err := range []error{server, fmt.Errorf("row 7: %w", server)} {
			safe, _ := (&engine{}).Error(err)
			if strings.Contains(safe.Error(), secret) || !strings.HasSuffix(strings.TrimSpace(safe.Error()), c.want) {
				t.Errorf("%q became %q", err, safe)
			}
			var own *Error
			if !errors.As(safe, &own) || own.Code != c.code {
				t.Errorf("%q lost its code", safe)
			}
		}
		if got, _ := (&engine{}).Error(fmt.Errorf("row 7: %w", server)); !strings.HasPrefix(got.Error(), "row 7: ORA-") {
			t.Errorf("%q lost what was wrapped around it", got)
		}
	}
	plain := errors.New("of another package")
	if safe, position := (&engine{}).Error(plain); safe != plain || position != -1 { //nolint:errorlint // the very same
		t.Errorf("%v, %d", safe, position)
	}
}

func TestThePasswordIsInNoErrorOfALogin(t *testing.T) {
	t.Parallel()
	s := &settings{host: "h", port: 1521, service: "S", user: "u", password: "Zyx91827"}
	for _, err := range []error{errors.New("parse \"oracle://u:Zyx91827@h\": no"), &network.OracleError{ErrCode: 20000, ErrMsg: "ORA-20000: Zyx91827"}} {
		if got := s.connectError(err); strings.Contains(got.Error(), "Zyx91827") {
			t.Errorf("%v", got)
		}
	}
}
