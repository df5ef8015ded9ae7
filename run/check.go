package run

import (
	"errors"
	"slices"

	"github.com/registrar-sync/registrar/config"
)

// Check says why the units of a schedule cannot be run, which each of its slots would find.
func Check(cfg *config.Config) config.Diagnostics {
	var diags config.Diagnostics
	for _, s := range cfg.Schedules {
		syncs, err := selectSyncs(cfg, Request{Schedule: s.Address})
		if err == nil {
			_, err = groupUnits(cfg, syncs)
		}
		if mistakes, ok := errors.AsType[*config.DiagnosticsError](err); ok {
			for _, d := range mistakes.Diagnostics {
				if !slices.Contains(diags, d) {
					diags = append(diags, d)
				}
			}
		}
	}
	return diags
}

// NotRun is the result of a request that could not be run, or not to its end: each unit has failed with cause. Units that
// ended are as they were in ended, which may be nil.
func NotRun(cfg *config.Config, request Request, opts Options, ended *Result, cause error) *Result {
	r := newRunner(cfg, request, opts)
	now := r.now()
	result := &Result{
		ID: r.request.ID, Trigger: request.Trigger, Schedule: request.Schedule, Slot: r.request.Slot, StartedOn: now, EndedOn: now,
		StartedBy: opts.StartedBy, ConfigDigest: cfg.Digest, GitCommit: opts.GitCommit, Units: []UnitResult{},
	}
	if ended != nil {
		result.StartedOn = ended.StartedOn
		result.Units = slices.DeleteFunc(slices.Clone(ended.Units), func(u UnitResult) bool { return u.Outcome == Busy })
	}
	failed := func(unit string) *UnitResult {
		i := slices.IndexFunc(result.Units, func(u UnitResult) bool { return u.Unit == unit })
		if i < 0 {
			i = len(result.Units)
			result.Units = append(result.Units, UnitResult{Unit: unit, Outcome: Failed, StartedOn: result.StartedOn, EndedOn: now, Message: brief(cause)})
		}
		return &result.Units[i]
	}
	syncs, err := selectSyncs(cfg, request)
	if err != nil || len(syncs) == 0 {
		failed(config.AllUnit)
		return result
	}
	for _, s := range syncs {
		u := failed(cfg.UnitOf(s))
		if slices.ContainsFunc(u.Syncs, func(known SyncResult) bool { return known.Sync == s.Address }) {
			continue
		}
		if len(u.Syncs) == 0 {
			u.Faculty = s.Faculty
		} else if u.Faculty != s.Faculty {
			u.Faculty = ""
		}
		u.Syncs = append(u.Syncs, SyncResult{Sync: s.Address, Faculty: s.Faculty, Destination: s.Destination.Into.Address, Table: s.Destination.Table})
	}
	return result
}
