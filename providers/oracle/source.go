package oracle

import (
	"context"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlsource"
)

// source is an Oracle database to read from.
type source struct {
	*sqlsource.Source
	engine   *engine
	settings *settings
}

var (
	_ providers.Source            = (*source)(nil)
	_ providers.ErrorScrubber     = (*source)(nil)
	_ providers.Examiner          = (*source)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.ClockReader       = (*source)(nil)
)

func newSource(settings *settings) *source {
	e := &engine{}
	return &source{engine: e, settings: settings, Source: &sqlsource.Source{
		Engine: e, Name: settings.identity(),
		Connect: func(context.Context) (*sqlsource.Link, error) { return settings.open(), nil },
	}}
}
