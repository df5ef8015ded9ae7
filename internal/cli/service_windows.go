package cli

import (
	"context"
	"time"

	system "github.com/kardianos/service"
)

// restartAfter is how long the service waits before it begins again where it could not, as
// Restart=on-failure does with systemd: a database may start later than the service.
const restartAfter = 30 * time.Second

// underManager runs the service: under Windows's service control manager, which says when it
// ends, where that has started it.
func (a *app) underManager(ctx context.Context, o serveOptions, run func(ctx context.Context) error) error {
	if system.Interactive() {
		return run(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := &managed{cancel: cancel, ended: make(chan struct{}), run: func() {
		for {
			err := run(ctx)
			if err == nil || ctx.Err() != nil {
				return
			}
			a.logFailure(o, err)
			select {
			case <-ctx.Done():
				return
			case <-time.After(restartAfter):
			}
		}
	}}
	service, err := system.New(m, &system.Config{Name: o.service.name})
	if err != nil {
		return err
	}
	return service.Run()
}

// logFailure writes why the service could not begin to where its log goes.
func (a *app) logFailure(o serveOptions, err error) {
	log, closeLog, failed := a.openLog(o.log)
	if failed != nil {
		return // there is nowhere to tell it
	}
	log.Error("the service could not begin, and tries again", "error", err, "after", restartAfter)
	_ = closeLog()
}

// managed is a service that Windows starts and stops.
type managed struct {
	run    func()
	cancel context.CancelFunc
	ended  chan struct{}
}

// Start begins to serve and returns, as Windows wants it.
func (m *managed) Start(system.Service) error {
	go func() {
		defer close(m.ended)
		m.run()
	}()
	return nil
}

// Stop waits until the runs that have started have ended.
func (m *managed) Stop(system.Service) error {
	m.cancel()
	<-m.ended
	return nil
}
