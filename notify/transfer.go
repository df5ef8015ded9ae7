package notify

import (
	"context"
	"strconv"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// Arrived is a faculty that was brought from another server.
type Arrived struct {
	// Faculty is its label here, Name its name, and Code the one that it has here.
	Faculty, Name, Code string
	// Server is the databases that it is in now, without credentials.
	Server string
	Rows   int64
	// PlanID is the import's, which was applied on On by By.
	PlanID string
	On     time.Time
	By     string
}

// arrived is what a webhook's JSON has of it.
type arrived struct {
	Faculty string    `json:"faculty"`
	Name    string    `json:"name"`
	Code    string    `json:"code"`
	Server  string    `json:"server"`
	Rows    int64     `json:"rows"`
	PlanID  string    `json:"plan_id"`
	On      time.Time `json:"on"`
	By      string    `json:"by"`
}

// Transfer tells a notifier that a faculty is on this server now.
func Transfer(ctx context.Context, cfg *config.Config, n *config.Notifier, a Arrived, opts Options) error {
	d := newDelivery(opts)
	return d.send(ctx, n, arrival(cfg, n, a, d.options))
}

// arrival is the message of a transfer.
func arrival(cfg *config.Config, n *config.Notifier, a Arrived, o Options) *message {
	return &message{
		Version: payloadVersion, Kind: "transfer", Notifier: n.Address, RegistrarVersion: o.Version, Units: []unit{},
		Summary: line(a.Name + " is on this server now"), Run: runInfo{ID: line(a.PlanID)}, zone: zone(cfg, ""), sent: o.Now(),
		Transfer: &arrived{
			Faculty: line(a.Faculty), Name: line(a.Name), Code: line(a.Code), Server: line(a.Server), Rows: a.Rows, PlanID: line(a.PlanID), On: a.On.UTC(), By: line(a.By),
		},
	}
}

// facts are what people are told of a transfer.
func (a *arrived) facts(m *message) []fact {
	return []fact{
		{"Faculty", a.Name + " (" + a.Code + ")"},
		{"Where", a.Server},
		{"Since", m.stamp(a.On) + ", by " + a.By},
		{"Rows", strconv.FormatInt(a.Rows, 10)},
		{"Plan", a.PlanID},
		{"What to do", "use this server from now on; at the origin the faculty is retired next"},
	}
}
