package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/notify"
)

func (a *app) notifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "notify",
		Short: "Try whether notifications arrive",
	}
	c.AddCommand(a.notifyTestCommand())
	return c
}

func (a *app) notifyTestCommand() *cobra.Command {
	return a.command(&cobra.Command{
		Use:   "test [NOTIFIER]",
		Short: "Send a message that says that it is a test",
		Long: `Sends a message that says that it is a test, by the notifier of that address, such as
notify.email.office. Without one, by the only notifier that there is.`,
		Args: cobra.MaximumNArgs(1),
	}, a.notifyTest)
}

func (a *app) notifyTest(ctx context.Context, args []string) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	n, err := chosenNotifier(cfg, args)
	if err != nil {
		return err
	}
	if err := notify.Test(ctx, cfg, n, a.env.NewID(), notify.Options{Now: a.env.Now, Version: a.build().Version}); err != nil {
		return fmt.Errorf("%s: %w", n.Address, err)
	}
	if n.Email != nil {
		a.out().Success("%s: the mail server took the message for %s.", n.Address, strings.Join(n.Email.To, ", "))
		return nil
	}
	a.out().Success("%s: the message was taken.", n.Address)
	return nil
}

func chosenNotifier(cfg *config.Config, args []string) (*config.Notifier, error) {
	addresses := make([]string, len(cfg.Notifiers))
	for i, n := range cfg.Notifiers {
		addresses[i] = n.Address
	}
	switch {
	case len(cfg.Notifiers) == 0:
		return nil, errors.New("the configuration has no notifier: write a notify block")
	case len(args) == 0 && len(cfg.Notifiers) == 1:
		return cfg.Notifiers[0], nil
	case len(args) == 0:
		return nil, fmt.Errorf("say which notifier: %s", strings.Join(addresses, ", "))
	}
	if i := slices.Index(addresses, args[0]); i >= 0 {
		return cfg.Notifiers[i], nil
	}
	if best := suggest.Closest(args[0], addresses); best != "" {
		return nil, fmt.Errorf("there is no notifier %q; did you mean %q?", args[0], best)
	}
	return nil, fmt.Errorf("there is no notifier %q; there are %s", args[0], strings.Join(addresses, ", "))
}
