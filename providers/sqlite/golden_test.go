package sqlite

import (
	"testing"

	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestGoldenSQL(t *testing.T) {
	providertest.GoldenSQL(t, dialect{}, [4]string{"TEXT", "INTEGER", "DECIMAL(10,2)", "TIMESTAMPTZ"})
}
