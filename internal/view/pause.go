package view

import (
	"fmt"
	"time"

	"github.com/registrar-sync/registrar/register"
)

// Pauses writes the pauses in force, a line each.
func (v *View) Pauses(pauses []register.Pause) {
	if len(pauses) == 0 {
		v.Say("No sync is paused.")
		return
	}
	for _, p := range pauses {
		v.Say("%s: paused %s", OneLine(p.Sync), PausedSince(p))
	}
}

// PausedSince says since when a sync is paused, by whom and why.
func PausedSince(p register.Pause) string {
	return fmt.Sprintf("since %s by %s: %s", moment(p.PausedOn), OneLine(p.PausedBy), OneLine(p.Reason))
}

type jsonPause struct {
	Sync     string    `json:"sync"`
	PausedOn time.Time `json:"paused_on"`
	PausedBy string    `json:"paused_by"`
	Reason   string    `json:"reason"`
}

// PausesJSON writes the pauses in force.
func (v *View) PausesJSON(pauses []register.Pause) error {
	out := struct {
		Pauses []jsonPause `json:"pauses"`
	}{Pauses: []jsonPause{}}
	for _, p := range pauses {
		out.Pauses = append(out.Pauses, jsonPause(p))
	}
	return v.JSON(out, true)
}
