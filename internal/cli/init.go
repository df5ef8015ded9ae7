package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

type initOptions struct {
	upgrade             bool
	planRole, applyRole string
}

func (a *app) initCommand() *cobra.Command {
	var o initOptions
	c := a.command(&cobra.Command{
		Use:   "init [--upgrade] [--plan-role ROLE --apply-role ROLE]",
		Short: "Create the register in each destination",
		Long: `Creates the register in each destination of the configuration, where it is
missing, and says which version each has. Nothing else is written.

With two roles, prints the statements that give them what they need and no
more: planning reads sources and destination and writes plans, applying writes
the tables that the configuration names.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error { return a.init(ctx, o) })
	c.Flags().BoolVar(&o.upgrade, "upgrade", false, "bring older registers to this program's version")
	c.Flags().StringVar(&o.planRole, "plan-role", "", "print what to grant to `ROLE`, which plans")
	c.Flags().StringVar(&o.applyRole, "apply-role", "", "print what to grant to `ROLE`, which applies")
	c.MarkFlagsRequiredTogether("plan-role", "apply-role")
	return c
}

func (a *app) init(ctx context.Context, o initOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	// One that cannot be reached does not keep the others from being told.
	var failed error
	for _, c := range cfg.Destinations {
		if err := a.initDestination(ctx, cfg, c, o); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Address, err))
		}
	}
	return failed
}

func (a *app) initDestination(ctx context.Context, cfg *config.Config, c *config.Connection, o initOptions) error {
	return a.withinBegun(ctx, cfg, c, beginDefining, func(s *session) error {
		r := register.New(s.Dialect())
		meta, outcome, err := r.Init(ctx, s.tx, a.env.Now(), o.upgrade)
		if err != nil {
			return denied(s.safe(err))
		}
		if err := s.commit(); err != nil {
			return err
		}
		comment := ""
		if o.planRole != "" {
			comment = "-- " // what is printed can be run as it is
		}
		a.out().Say("%s%s: register %s (version %d, identity %s).", comment, c.Address, outcome, meta.Version, meta.Identity)
		if o.planRole == "" {
			if _, ok := s.Destination.(providers.Granter); ok && outcome == register.Upgraded {
				a.out().Say("%s: roles that plan and apply may need rights on what is new: registrar init --plan-role ROLE --apply-role ROLE prints them.", c.Address)
			}
			return nil
		}
		return a.grants(ctx, cfg, c, s, o)
	})
}

// denied says who can make a register where the role at hand may not.
func denied(err error) error {
	const insufficientPrivilege = "42501" // in the SQL standard's classes
	state, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err)
	if !ok || state.SQLState() != insufficientPrivilege {
		return err
	}
	return fmt.Errorf("%w\n%s", err, initByAnother)
}

// grants prints statements that can be run as they are.
func (a *app) grants(ctx context.Context, cfg *config.Config, c *config.Connection, s *session, o initOptions) error {
	granter, ok := s.Destination.(providers.Granter)
	if !ok {
		a.out().Say("-- %s: %s has no roles, nothing to grant.", c.Address, c.Provider)
		return nil
	}
	written, read := tablesOf(cfg, c)
	statements, err := granter.Grants(ctx, s.conn, o.planRole, o.applyRole, written, read)
	if err != nil {
		return s.safe(err)
	}
	a.out().Say("-- %s: to be run there by the owner of the tables and of the register", c.Address)
	for _, statement := range statements {
		fmt.Fprintln(a.out().Writer(), statement+";")
	}
	for _, check := range cfg.Checks {
		if check.From == c {
			a.out().Say("-- %s: grant SELECT on what its query reads besides", check.Address)
		}
	}
	return nil
}

// tablesOf lists the tables of a destination that syncs write, and those that they only
// look into.
func tablesOf(cfg *config.Config, c *config.Connection) (written, read []string) {
	for _, sync := range cfg.Syncs {
		if sync.Destination.Into == c && !slices.Contains(written, sync.Destination.Table) {
			written = append(written, sync.Destination.Table)
		}
	}
	add := func(table string) {
		if !slices.Contains(written, table) && !slices.Contains(read, table) {
			read = append(read, table)
		}
	}
	for _, sync := range cfg.Syncs {
		if sync.Destination.Into != c {
			continue
		}
		for _, column := range sync.Columns {
			if column.Lookup != nil {
				add(column.Lookup.Table)
			}
		}
		for _, parent := range sync.Destination.Parents {
			add(parent.Table)
		}
	}
	return written, read
}

// within opens a destination, calls do in a transaction, and closes it. What do
// has not committed is rolled back.
func (a *app) within(ctx context.Context, cfg *config.Config, c *config.Connection, do func(*session) error) error {
	begin := func(ctx context.Context, d providers.Destination, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
		return d.Begin(ctx, conn, wait)
	}
	return a.withinBegun(ctx, cfg, c, begin, do)
}

// begin starts a transaction of a destination.
type begin func(ctx context.Context, d providers.Destination, conn *sql.Conn, wait time.Duration) (*sql.Tx, error)

// beginDefining starts a transaction that makes tables.
func beginDefining(ctx context.Context, d providers.Destination, conn *sql.Conn, wait time.Duration) (*sql.Tx, error) {
	if definer, ok := d.(providers.Definer); ok {
		return definer.BeginDefining(ctx, conn, wait)
	}
	return d.Begin(ctx, conn, wait)
}

func (a *app) withinBegun(ctx context.Context, cfg *config.Config, c *config.Connection, begin begin, do func(*session) error) (err error) {
	s := &session{}
	if s.Destination, err = plan.OpenDestination(ctx, a.env.Providers, c, cfg.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.conn, err = s.Conn(ctx); err != nil {
		return fmt.Errorf("connect: %w", s.safe(err))
	}
	defer s.conn.Close()
	if s.tx, err = begin(ctx, s.Destination, s.conn, a.global.lockTimeout); err != nil {
		return fmt.Errorf("begin: %w", s.safe(err))
	}
	defer s.tx.Rollback() // after a commit it does nothing
	return do(s)
}
