package schedule

import (
	"time"

	"github.com/registrar-sync/registrar/config"
)

// Never returns why no slot of a schedule ever starts, nil where one does or did: it knows no clock, so that one whose
// active periods are over is not told apart. service is nil where only the schedule counts.
func Never(s *config.Schedule, service *config.Service) *Reason {
	from, until := mentioned(s, service)
	return never(s, service, from, until)
}

// NoMore returns why no slot after a time starts; nil where one does, within 28 years of all that is mentioned.
func NoMore(s *config.Schedule, service *config.Service, after time.Time) *Reason {
	_, until := mentioned(s, service)
	if later := beyond(after); later.After(until) {
		until = later
	}
	return never(s, service, after, until)
}

// never looks for the rule that takes the last start between two times away.
func never(s *config.Schedule, service *config.Service, from, until time.Time) *Reason {
	bare := *s
	bare.Active, bare.Windows, bare.Except = nil, nil, nil
	starts := func(service *config.Service) bool {
		for range New(&bare, service).Starts(from, until) {
			return true
		}
		return false
	}
	if !starts(nil) {
		return &Reason{Kind: NoSlot, Range: s.Range, Text: "no day is one of its days"}
	}
	c := New(s, service)
	bare.Windows = s.Windows
	if !starts(nil) {
		return c.own.outside
	}
	bare.Active = s.Active
	if !starts(nil) {
		return c.own.inactive
	}
	// Of several exceptions that together leave nothing, the one that takes the last slot away.
	for i := range s.Except {
		bare.Except = s.Except[:i+1]
		if !starts(nil) {
			return c.own.excepted[i]
		}
	}
	if service == nil {
		return nil
	}
	some := config.Service{Timezone: service.Timezone, Windows: service.Windows}
	if !starts(&some) {
		return c.service.outside
	}
	some.Active = service.Active
	if !starts(&some) {
		return c.service.inactive
	}
	for i := range service.Except {
		some.Except = service.Except[:i+1]
		if !starts(&some) {
			return c.service.excepted[i]
		}
	}
	return nil
}

// mentioned returns a time long before and one long after all the days that are mentioned: beyond them all days of one
// date and one day of the week are alike.
func mentioned(s *config.Schedule, service *config.Service) (from, until time.Time) {
	var days []time.Time
	add := func(active []config.Period, except []config.Exception) {
		for _, p := range active {
			days = append(days, p.From, p.Until)
		}
		for _, e := range except {
			days = append(days, e.Period.From, e.Period.Until)
			days = append(days, e.Dates...)
		}
	}
	add(s.Active, s.Except)
	if service != nil {
		add(service.Active, service.Except)
	}
	for _, d := range days {
		if d.IsZero() {
			continue
		}
		if from.IsZero() || d.Before(from) {
			from = d
		}
		if d.After(until) {
			until = d
		}
	}
	if from.IsZero() {
		from = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
		return from, from.Add(horizon)
	}
	return from.Add(-horizon), beyond(until)
}
