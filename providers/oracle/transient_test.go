package oracle

import (
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/sijms/go-ora/v2/network"

	"github.com/registrar-sync/registrar/providers"
)

func TestTransient(t *testing.T) {
	known := []providers.Provider{New()}
	for code, want := range map[int]bool{
		54: true, 60: true, 1033: true, 1089: true, 3113: true, 8177: true, 12514: true, 12541: true, 1555: true,
		1: false, 904: false, 942: false, 1017: false, 1400: false, 20001: false, 28000: false,
	} {
		server := &network.OracleError{ErrCode: code, ErrMsg: fmt.Sprintf("ORA-%05d: m", code)}
		for _, err := range []error{server, (*charset)(nil).safeError("", server), (&settings{}).connectError(server)} {
			if got := providers.Transient(known, err); got != want {
				t.Errorf("ORA-%05d as %T: Transient is %v, want %v", code, err, got, want)
			}
		}
	}
	for _, cause := range []error{syscall.ECONNREFUSED, io.ErrUnexpectedEOF, lostError{}} {
		if err := (&settings{}).connectError(cause); !providers.Transient(known, err) {
			t.Errorf("%v is not transient", err)
		}
	}
}
