package xlsx_test

import (
	stdcontext "context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// context is for what has no test at hand.
func context() stdcontext.Context { return stdcontext.Background() }
