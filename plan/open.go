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
				return nil, fmt.Errorf("open %s: %w", c.Address, withheld(known, c, err))
			}
			if c.Withheld {
				return discreet{source, known, c}, nil
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
				return nil, fmt.Errorf("open %s: %w", c.Address, withheld(known, c, err))
			}
			return destination, nil
		}
	}
	return nil, fmt.Errorf("open %s: provider %q cannot be a destination", c.Address, c.Provider)
}

// withheld returns why a block cannot be opened as far as that may be shown.
func withheld(known []providers.Provider, c *config.Connection, err error) error {
	if err == nil || !c.Withheld || errors.Is(err, context.Canceled) {
		return err
	}
	shown := errors.New("it cannot be reached, or refuses who asks; the details are not shown, since its block depends on a sensitive value and the configuration is under review")
	if providers.Transient(known, err) {
		return providers.Unavailable(shown)
	}
	return shown
}

// discreet is a source of a block whose errors are withheld. Snapshots connect; what they say later is of queries and rows.
type discreet struct {
	providers.Source
	known []providers.Provider
	block *config.Connection
}

var _ providers.ErrorScrubber = discreet{}

// Snapshot implements providers.Source.
func (d discreet) Snapshot(ctx context.Context) (providers.Snapshot, error) {
	opened, err := d.Source.Snapshot(ctx)
	return opened, withheld(d.known, d.block, err)
}

// SafeError implements providers.ErrorScrubber.
func (d discreet) SafeError(err error) error { return providers.SafeError(d.Source, err) }

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
