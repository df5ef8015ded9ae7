package mysql

import (
	"fmt"
	"testing"

	mysql "github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/providers"
)

func TestTransient(t *testing.T) {
	known := []providers.Provider{New()}
	for number, want := range map[uint16]bool{
		1040: true, 1053: true, 1205: true, 1213: true, 1927: true, 2013: true, 3024: true, 3572: true,
		1045: false, 1049: false, 1054: false, 1062: false, 1064: false, 1146: false, 1406: false,
	} {
		server := &mysql.MySQLError{Number: number, Message: "m"}
		for _, err := range []error{server, (&settings{}).safeError(fmt.Errorf("read: %w", server))} {
			if got := providers.Transient(known, err); got != want {
				t.Errorf("%d as %T: Transient is %v, want %v", number, err, got, want)
			}
		}
	}
	if !providers.Transient(known, (&settings{}).safeError(fmt.Errorf("read: %w", mysql.ErrInvalidConn))) {
		t.Error("a connection that ended is not transient")
	}
	if providers.Transient(known, mysql.ErrNoTLS) {
		t.Error("a server without TLS is transient")
	}
}
