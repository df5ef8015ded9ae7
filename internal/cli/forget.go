package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

type forgetOptions struct {
	syncs  []string
	key    string
	reason string
	yes    bool
}

func (a *app) forgetCommand() *cobra.Command {
	var o forgetOptions
	c := a.command(&cobra.Command{
		Use:   "forget [--sync ADDRESS…] [--reason TEXT] [--yes] KEY | COLUMN=VALUE",
		Short: "Redact a person's values in the registers",
		Long: `Redacts what the registers of all destinations hold about a row, such as a person's:
the operations and findings of every sync that has this KEY, under the keys that
renames took from the row or gave it, too, as long as it had them; those of rows that
refer to it by a lookup or a foreign key; and messages that name it. Where several rows
had the KEY one after the other, all of them are meant, and each is shown. KEY is written as for history, and must be the
whole key; --sync says of which sync, where a key could be several things. With
COLUMN=VALUE every key and lookup is meant that has such a part.

What would be redacted is counted and shown first. It is asked for; --yes does not ask.
Each destination is one transaction. That something was redacted, when and by whom is
recorded, and not of whom. A file of SQLite is then written anew (VACUUM), so that no
copy stays in it.

The row itself stays in source and destination, and the next plan that changes it records
its values again. Backups, plan files, bundles and the database's own logs are not
reached. A plan that was not applied yet and has redacted operations cannot be applied any
more, and an applied one cannot be reverted as far as they go.

Exits with 0; with 1 after an error, without consent, and where the registers know nothing
of the key.`,
		Args: oneArgument("KEY, which names a row"),
	}, func(ctx context.Context, args []string) error {
		o.key, o.reason = args[0], strings.TrimSpace(o.reason)
		if o.key == "" {
			return errors.New("KEY is empty: it names a row")
		}
		return a.forget(ctx, o)
	})
	f := c.Flags()
	f.StringArrayVar(&o.syncs, "sync", nil, "the key is one of the sync or instance `ADDRESS`; may be repeated")
	f.StringVar(&o.reason, "reason", "", "why, as `TEXT`, which is recorded: it should name nobody")
	f.BoolVar(&o.yes, "yes", false, "do not ask")
	return c
}

func (a *app) forget(ctx context.Context, o forgetOptions) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	sought := plan.Sought{Config: cfg, Syncs: o.syncs, Key: o.key}
	var found []*forgetting
	var unread error
	err = a.withRegisters(ctx, cfg, func(opened []*openedRegister, failed error) error {
		unread = failed
		for _, at := range opened {
			one, err := a.lookFor(ctx, &sought, at)
			if err != nil {
				return at.safe(err)
			}
			if !one.Nothing() {
				found = append(found, one)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0 && unread != nil:
		return unread // whether it is unknown is not known
	case len(found) == 0:
		return fmt.Errorf("the registers know nothing of the key %s: nothing was redacted", o.key)
	}
	for _, one := range found {
		a.out().Forgetting(&one.Forgetting)
	}
	if !o.yes {
		if !a.canAsk() {
			return errors.New("Nobody can be asked: standard input is not a terminal, or this is a pipeline\nNothing was redacted; --yes does it without asking.") //nolint:revive,staticcheck // the box's headline and prose
		}
		yes, err := a.ask(ctx, "Do you want to redact this? It cannot be undone.")
		if err != nil {
			return err
		}
		if !yes {
			a.out().Say("Cancelled: nothing was redacted.")
			return codeError(exitError)
		}
	}
	failed, done := unread, false
	for _, one := range found {
		err := a.redact(ctx, cfg, one, o.reason)
		if done = done || err == nil; err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", one.Destination, err))
		}
	}
	if done {
		a.out().Forgotten()
	}
	return failed
}

// forgetting is what is to be redacted in one destination.
type forgetting struct {
	view.Forgetting

	into   *config.Connection
	person *plan.Person
}

// lookFor finds and counts what would be redacted.
func (a *app) lookFor(ctx context.Context, sought *plan.Sought, at *openedRegister) (*forgetting, error) {
	one := &forgetting{into: at.into}
	one.Destination = at.into.Address
	var err error
	if one.person, err = sought.Everywhere(ctx, at.Opened, at.into); err != nil {
		return nil, err
	}
	if one.Touched, err = at.Register.Touches(ctx, at.Conn, one.person.Matches); err != nil {
		return nil, err
	}
	one.Others, one.Unplaced = one.person.Others, one.person.Unplaced
	for _, life := range one.person.Lives {
		one.Lives = append(one.Lives, view.ForgottenLife{Sync: life.Sync, Life: life.Life})
	}
	if one.FindingMessages, one.RunMessages, err = at.Register.CountMessages(ctx, at.Conn, one.person.Syncs, one.person.Values); err != nil {
		return nil, err
	}
	one.Spoilt, err = at.Register.Spoilt(ctx, at.Conn, one.person.Matches, a.env.Now())
	return one, err
}

// redact does it in one transaction, and says what it did.
func (a *app) redact(ctx context.Context, cfg *config.Config, one *forgetting, reason string) error {
	if reason == "" {
		reason = "forget"
	}
	return a.within(ctx, cfg, one.into, func(s *session) error {
		r := register.New(s.Dialect())
		if _, err := r.Meta(ctx, s.tx); err != nil {
			return s.safe(err)
		}
		operations, findings, err := r.Redact(ctx, s.tx, one.person.Matches)
		if err != nil {
			return s.safe(err)
		}
		named, runs, err := r.RedactMessages(ctx, s.tx, one.person.Syncs, one.person.Values)
		if err != nil {
			return s.safe(err)
		}
		err = r.InsertRedaction(ctx, s.tx, register.Redaction{
			ID: a.env.NewID(), RedactedOn: a.env.Now(), RedactedBy: a.author(), Reason: reason, Operations: operations, Findings: findings + named,
		})
		if err != nil {
			return s.safe(err)
		}
		if err := s.commit(); err != nil {
			return err
		}
		a.out().Say("%s: redacted: %d operations, %d findings, %d messages of findings, %d of runs.", one.Destination, operations, findings, named, runs)
		if err := providers.Compact(ctx, s.Destination, s.conn); err != nil {
			return fmt.Errorf("what was redacted may still stand in unused places of the file, which could not be written anew: "+
				"once nobody else uses it, run VACUUM and PRAGMA wal_checkpoint(TRUNCATE) in it, as with the program sqlite3: %w", s.safe(err))
		}
		return nil
	})
}
