package mssql

import (
	"testing"

	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestGoldenSQL(t *testing.T) {
	providertest.GoldenSQL(t, dialect{}, [4]string{"nvarchar(50)", "int", "decimal(10,2)", "datetimeoffset(6)"})
}
