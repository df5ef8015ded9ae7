package register

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// FindingKind says what was noticed.
type FindingKind string

// The kinds of findings.
const (
	Ignored    FindingKind = "ignored"    // the key is held by another origin; the detail is that row's scope
	Rejected   FindingKind = "rejected"   // the record is not written; the message says why
	Warned     FindingKind = "warned"     // the record does not obey an assert, and is written
	Unresolved FindingKind = "unresolved" // a lookup found nothing, and is NULL
	Protected  FindingKind = "protected"  // the row is protected; the detail has the operation
	Changed    FindingKind = "changed"    // of a revert: the row has changed since the plan that is undone; the detail has the operation
	HeldBack   FindingKind = "held_back"  // on_breach = "hold_deletes"; the detail has the operation
	Checked    FindingKind = "check"      // found by a check, whose address stands for the sync; the detail has severity and code
	Renamed    FindingKind = "likely_rename"
	Hooked     FindingKind = "hook" // a hook was run; written by an apply
)

// Finding is something that a plan noticed or did not do.
type Finding struct {
	Seq     int64
	Sync    string // or a check's address
	Kind    FindingKind
	Key     Document
	Message string // "" for none
	Detail  Document
}

// InsertFinding writes one finding of a plan. Its Seq is kept; 0 stands for the number
// behind the plan's last. What a text column cannot hold becomes U+FFFD: a check
// may find anything in its source.
func (r Register) InsertFinding(ctx context.Context, q providers.Querier, planID string, f Finding) error {
	args := arguments{d: r.d}
	table := r.d.RegisterTable("finding")
	plan := args.of(planID)
	seq := strconv.FormatInt(f.Seq, 10)
	if f.Seq == 0 {
		// In a table of its own: MySQL reads no table directly that it writes.
		seq = fmt.Sprintf("(SELECT m.seq FROM (SELECT coalesce(max(f.seq), 0) + 1 AS seq FROM %s f WHERE f.plan_id = %s) m)", table, args.of(planID))
	}
	document := func(doc Document) string {
		if doc == nil {
			return "NULL"
		}
		clean := make(Document, len(doc))
		for i, field := range doc {
			field.Column, field.Text = storable(field.Column), storable(field.Text)
			clean[i] = field
		}
		return args.typed(value.JSON, encodeDocument(clean))
	}
	var message *string
	if f.Message != "" {
		text := storable(f.Message)
		message = &text
	}
	statement := fmt.Sprintf("INSERT INTO %s (plan_id, seq, sync, kind, %s, message, detail) VALUES (%s, %s, %s, %s, %s, %s, %s)", table, r.d.Quote("key"),
		plan, seq, args.of(f.Sync), args.of(string(f.Kind)), document(f.Key), args.text(message), document(f.Detail))
	if err := r.exec(ctx, q, statement, args.values...); err != nil {
		return fmt.Errorf("write a finding into the register: %w", err)
	}
	return nil
}

// storable replaces what some engine's text cannot hold.
func storable(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
}
