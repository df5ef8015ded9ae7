package mysql

import (
	"testing"

	"github.com/registrar-sync/registrar/providers/providertest"
)

func TestGoldenSQL(t *testing.T) {
	providertest.GoldenSQL(t, dialect{database: "timetable"}, [4]string{"varchar(50)", "bigint", "decimal(10,2)", "timestamp(6)"})
}
