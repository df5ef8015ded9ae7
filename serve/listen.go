package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
	"github.com/registrar-sync/registrar/serve/web"
)

// DefaultListen is where the status page is, unless the command line says otherwise.
const DefaultListen = "127.0.0.1:8321"

// IsLoopback reports whether only this machine reaches a listener. Package net resolves "localhost", so what
// counts is the address that it got.
func IsLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// listen serves the status page until ctx ends.
func (s *service) listen(ctx context.Context) {
	if s.Listener == nil {
		return
	}
	server := &http.Server{
		Handler:           web.New(s.pageOptions()),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // a long diff
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		waiting, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(waiting); err != nil {
			_ = server.Close() // nobody is waited for any longer
		}
	})
	s.Log.Info("status page", "address", s.Listener.Addr().String(), "token", s.Token != "")
	if err := server.Serve(s.Listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.Log.Error("the status page ended", "error", err)
	}
	if !stop() {
		<-ended
	}
}

func (s *service) ready(context.Context) error { return s.health.ready(s.Run.Now()) }

func (s *service) pageOptions() web.Options {
	cfg := func() *config.Config { return s.configs.current().cfg }
	o := web.Options{
		Store: s.Store, Config: cfg, Now: s.Run.Now, Version: s.Version, Metrics: s.metrics, Token: s.Token,
		Loopback: IsLoopback(s.Listener.Addr()), Hosts: s.Hosts, Ready: s.ready, ReplicaLife: s.Takeover, Log: s.Log, Program: s.Program,
	}
	if s.Plan != nil {
		o.Plan = func(ctx context.Context, planID string) (*plan.Plan, error) { return s.Plan(ctx, cfg(), planID) }
	}
	if s.Pauses != nil {
		o.Pauses = func(ctx context.Context) (map[string]register.Pause, error) { return s.Pauses(ctx, cfg()) }
	}
	if s.Awaiting != nil {
		o.Awaiting = func(ctx context.Context, planIDs []string) (map[string]bool, error) {
			return s.Awaiting(ctx, cfg(), planIDs)
		}
	}
	if s.Explain != nil {
		o.Explain = func(ctx context.Context, sync, key string) (string, error) { return s.Explain(ctx, cfg(), sync, key) }
	}
	return o
}
