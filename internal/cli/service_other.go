//go:build !windows

package cli

import "context"

// underManager runs the service. systemd asks for no more than that.
func (a *app) underManager(ctx context.Context, _ serveOptions, run func(ctx context.Context) error) error {
	return run(ctx)
}
