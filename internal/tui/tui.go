// Package tui is the interactive view of a plan on a terminal: to page, filter and search through what a plan would
// do. It changes nothing. For a plan in a log, a pipe or a file see package view.
//
// The Model knows neither the terminal nor where the plan comes from: keys and sizes go into Update, the screen comes out of View,
// and what takes time is returned as a Command, to be run beside. Run does that on a real terminal.
//
// That is the way of Bubble Tea, which is not used: its version 1 asks the terminal for its background when a program that links it starts,
// whatever the command. On a terminal that does not answer every command would wait for five seconds, and what was typed ahead would be
// lost.
package tui

import (
	"context"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// Source reads what a plan holds, masked as in every output. It is used by several goroutines, and ends with an error when ctx does.
type Source interface {
	// Counts are the operations of a sync that Changes visits: all that are planned, or those of an excerpt.
	Counts(s *register.SyncSummary) map[config.Operation]int64
	// Changes visits a sync's operations in the order of register.DisplayOrder, from the from-th on, counted from 0; at most
	// limit of them, 0 for all. What is visited may be kept.
	Changes(ctx context.Context, s *register.SyncSummary, from, limit int64, visit func(*plan.Change) error) error
	// Found is how many findings of a kind of a sync Notices visits.
	Found(s *register.SyncSummary, kind register.FindingKind) int64
	// Notices visits a sync's findings of one kind, as Changes does operations.
	Notices(ctx context.Context, s *register.SyncSummary, kind register.FindingKind, from, limit int64, visit func(*plan.Notice) error) error
}

// Words turn what a plan holds into text, in the words of other outputs: single lines without colours or control characters.
type Words interface {
	Title(p *plan.Plan) string
	Holds(p *plan.Plan) []string
	Deletions(p *plan.Plan) []string
	Total(p *plan.Plan) string
	Summary(p *plan.Plan) []string
	Symbol(o config.Operation) string
	Key(c *plan.Change) string
	// Values are "" for a value that there is not.
	Values(c *plan.ColumnChange) (before, after, lookedUp string)
	NoticeKey(n *plan.Notice) string
	Notice(n *plan.Notice) string
	Name(text string) string
	Text(text string) []string
	Sync(s *register.SyncSummary) []string
	Counts(s *register.SyncSummary) string
	Reasons(s *register.SyncSummary) []string
}

// Theme paints by meaning. A nil function leaves texts as they are.
type Theme struct {
	Strong, Faint, Good, Add, Change, Remove, Restore, Warn, Selected func(a ...any) string
}

// Review is what there is to look through.
type Review struct {
	Plan   *plan.Plan
	Source Source
	Words  Words
	Theme  Theme
	// Cut says why the Source does not have all; "" where it has.
	Cut string
}

// Command is work that takes time. It tells what comes of it by send, whose argument is for Model.Update, and ends when the Model's
// context does.
type Command func(send func(event any))
