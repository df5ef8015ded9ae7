package mssql

import (
	"errors"
	"fmt"
	"io"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/providers"
)

func TestTransient(t *testing.T) {
	known := []providers.Provider{New()}
	for number, want := range map[int32]bool{
		1205: true, 1222: true, 3960: true, 18401: true, 40613: true, 10928: true, 927: true,
		18456: false, 4060: false, 208: false, 2627: false, 245: false, 50000: false,
	} {
		server := mssql.Error{Number: number, Message: "m"}
		for _, err := range []error{server, safeError(fmt.Errorf("read: %w", server)), (&settings{}).connectError(server)} {
			if got := providers.Transient(known, err); got != want {
				t.Errorf("%d as %T: Transient is %v, want %v", number, err, got, want)
			}
		}
	}
	broken := mssql.StreamError{InnerError: io.EOF}
	for _, err := range []error{broken, safeError(fmt.Errorf("read: %w", broken)), (&settings{}).connectError(io.ErrUnexpectedEOF)} {
		if !providers.Transient(known, err) {
			t.Errorf("%v (%T) is not transient", err, err)
		}
	}
	if providers.Transient(known, (&settings{}).connectError(errors.New("certificate has expired or is not yet valid"))) {
		t.Error("a certificate that has expired is transient")
	}
}
