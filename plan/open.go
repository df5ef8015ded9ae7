package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

func openSource(ctx context.Context, known []providers.Provider, c *config.Connection, dir string) (providers.Source, error) {
	for _, p := range known {
		if provider, ok := p.(providers.SourceProvider); ok && p.Name() == c.Provider {
			source, err := provider.OpenSource(ctx, c.Attributes, dir)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", c.Address, err)
			}
			return source, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a source", c.Address, c.Provider)
}

// OpenDestination opens a destination block.
func OpenDestination(ctx context.Context, known []providers.Provider, c *config.Connection, dir string) (providers.Destination, error) {
	for _, p := range known {
		if provider, ok := p.(providers.DestinationProvider); ok && p.Name() == c.Provider {
			destination, err := provider.OpenDestination(ctx, c.Attributes, dir)
			if err != nil {
				return nil, fmt.Errorf("open %s: %w", c.Address, err)
			}
			return destination, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a destination", c.Address, c.Provider)
}

// Opened is a destination whose register is read.
type Opened struct {
	providers.Destination
	Conn     *sql.Conn
	Register register.Register
	Meta     register.Meta
}

// WithRegister opens a destination block, looks whether it has a register that this program can read, calls read, and closes
// it. Errors are stripped of what the driver may say of rows.
func WithRegister(ctx context.Context, known []providers.Provider, c *config.Connection, dir string, read func(*Opened) error) (err error) {
	o := &Opened{}
	if o.Destination, err = OpenDestination(ctx, known, c, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(providers.SafeError(o.Destination, err), o.Close()) }()
	if o.Conn, err = o.Destination.Conn(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer o.Conn.Close()
	o.Register = register.New(o.Dialect())
	if o.Meta, err = o.Register.Meta(ctx, o.Conn); err != nil {
		return err
	}
	return read(o)
}
