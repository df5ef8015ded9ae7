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
	upgrade, print bool
	roles          providers.Roles
}

// grants reports whether statements are to be printed.
func (o *initOptions) grants() bool { return o.print || o.roles.Plan != "" }

// complete gives the roles that were not named the usual names.
func (o *initOptions) complete() error {
	named := o.roles.Plan != "" || o.roles.Apply != "" || o.roles.Approve != ""
	if !o.print && named && (o.roles.Plan == "" || o.roles.Apply == "") {
		return errors.New("name both roles, --plan-role and --apply-role, or give --print-grants, which has names for those that are not named")
	}
	if !o.print {
		return nil
	}
	for _, role := range []struct {
		name  *string
		usual string
	}{{&o.roles.Plan, "registrar_plan"}, {&o.roles.Apply, "registrar_apply"}, {&o.roles.Approve, "registrar_approve"}} {
		if *role.name == "" {
			*role.name = role.usual
		}
	}
	return nil
}

func (a *app) initCommand() *cobra.Command {
	var o initOptions
	c := a.command(&cobra.Command{
		Use:   "init [--upgrade] [--print-grants] [--plan-role ROLE] [--apply-role ROLE] [--approve-role ROLE]",
		Short: "Create the register in each destination",
		Long: `Creates the register in each destination of the configuration, where it is
missing, and says which version each has. Nothing else is written.

With --print-grants, prints the statements that give three roles what they need
and no more: planning reads sources and destination and writes plans, applying
writes the tables that the configuration names, approving reads plans and
approves of them. The roles must be there; they are called registrar_plan,
registrar_apply and registrar_approve unless they are named. Where --plan-role
and --apply-role are named, the statements are printed without --print-grants,
too, for those that are named.`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, _ []string) error { return a.init(ctx, o) })
	c.Flags().BoolVar(&o.upgrade, "upgrade", false, "bring older registers to this program's version")
	c.Flags().BoolVar(&o.print, "print-grants", false, "print what to grant to the roles")
	c.Flags().StringVar(&o.roles.Plan, "plan-role", "", "print what to grant to `ROLE`, which plans")
	c.Flags().StringVar(&o.roles.Apply, "apply-role", "", "print what to grant to `ROLE`, which applies")
	c.Flags().StringVar(&o.roles.Approve, "approve-role", "", "print what to grant to `ROLE`, which approves")
	return c
}

func (a *app) init(ctx context.Context, o initOptions) error {
	if err := o.complete(); err != nil {
		return err
	}
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
	if o.grants() {
		for _, c := range cfg.Sources {
			a.sourceGrants(cfg, c, o)
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
		if o.grants() {
			comment = "-- " // what is printed can be run as it is
		}
		a.out().Say("%s%s: register %s (version %d, identity %s).", comment, c.Address, outcome, meta.Version, meta.Identity)
		if !o.grants() {
			if _, ok := s.Destination.(providers.Granter); ok && outcome == register.Upgraded {
				a.out().Say("%s: roles that plan and apply may need rights on what is new: registrar init --print-grants prints them.", c.Address)
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
	statements, err := granter.Grants(ctx, s.conn, o.roles, objectsOf(cfg, c))
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

// sourceGrants prints what reading a source needs, in comments where a query says it.
func (a *app) sourceGrants(cfg *config.Config, c *config.Connection, o initOptions) {
	i := slices.IndexFunc(a.env.Providers, func(p providers.Provider) bool { return p.Name() == c.Provider })
	if i < 0 {
		return
	}
	granter, ok := a.env.Providers[i].(providers.SourceGranter)
	if !ok {
		return // its sources have no roles
	}
	var tables, queries []string
	for _, sync := range cfg.Syncs {
		switch {
		case sync.Source.From != c:
		case sync.Source.Query != "":
			queries = append(queries, sync.Address)
		case !slices.Contains(tables, sync.Source.Table):
			tables = append(tables, sync.Source.Table)
		}
	}
	for _, check := range cfg.Checks {
		if check.From == c {
			queries = append(queries, check.Address)
		}
	}
	if len(tables)+len(queries) == 0 {
		return
	}
	a.out().Say("-- %s: to be run there, where these roles read it", c.Address)
	for _, statement := range granter.SourceGrants(c.Attributes, []string{o.roles.Plan, o.roles.Apply}, tables) {
		fmt.Fprintln(a.out().Writer(), statement+";")
	}
	for _, address := range queries {
		a.out().Say("-- %s: grant SELECT on what its query reads", address)
	}
}

// objectsOf lists what syncs name in a destination.
func objectsOf(cfg *config.Config, c *config.Connection) (objects providers.Objects) {
	objects.Written, objects.Read = tablesOf(cfg, c)
	for _, sync := range cfg.Syncs {
		if sync.Destination.Into != c {
			continue
		}
		for _, generated := range sync.Destination.Generated {
			if !slices.Contains(objects.Sequences, generated.Sequence) {
				objects.Sequences = append(objects.Sequences, generated.Sequence)
			}
		}
	}
	return objects
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
