package postgres

import (
	"testing"

	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestGoldenSQL(t *testing.T) {
	providertest.GoldenSQL(t, Dialect{}, [4]string{"text", "integer", "numeric(10,2)", "timestamp with time zone"})
}
