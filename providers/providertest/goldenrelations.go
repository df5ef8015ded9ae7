package providertest

import (
	"maps"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
)

// relations are the statements of links between courses: looked-up keys, a scope that a
// parent's row decides, and a lifecycle with all its operations.
func relations(d sqlgen.Dialect, column func(name string, kind value.Kind, spelling string) sqlgen.Column, sqlTypes [4]string) (map[string]sqlgen.Statement, []*sqlgen.Table) {
	text := func(name string) sqlgen.Column { return column(name, value.Text, sqlTypes[0]) }
	number := func(name string) sqlgen.Column { return column(name, value.Int, sqlTypes[1]) }
	instant := func(name string) sqlgen.Column { return column(name, value.Instant, sqlTypes[3]) }
	constant := func(text string) *string { return &text }

	id, code, short := number("id"), text("code"), text("up")
	short.Type.Size, short.Type.Fixed = 40, true
	courses := &sqlgen.Target{
		Sync: "sync.courses", TableName: "course", Stage: d.StageTable("stage_2_0"),
		Table: &sqlgen.Table{Name: d.Quote("course"), Columns: []sqlgen.Column{number("id"), text("code"), text("up"), text("category"), text("origin"), instant("gone_on")}},
		Key:   []sqlgen.Column{text("code")}, Mapped: []sqlgen.Column{text("code"), text("category")}, KeyScopes: [][]sqlgen.Set{nil},
		Scope: []sqlgen.Set{{Column: text("origin"), Text: constant("OURS")}}, Missing: "archive", AsOf: "2026-09-01 02:30:00Z",
		Archive: []sqlgen.Set{
			{Column: text("category"), Text: constant("ARCHIVE")},
			{Column: instant("gone_on"), Now: true},
			{Column: short, Template: []sqlgen.TextPart{{Text: "it's "}, {Column: &code}, {Text: ", "}, {Column: &id}}},
		},
		ArchivedIf: &sqlgen.Predicate{Op: "and", Operands: []*sqlgen.Predicate{
			{Op: "=", Column: text("category"), Texts: []string{"ARCHIVE"}}, {Op: "is not null", Column: instant("gone_on")},
		}},
	}
	since := instant("gone_on")
	courses.PurgeSince, courses.PurgeUntil = &since, "2025-09-01 02:30:00Z"
	courses.Protect = &sqlgen.Predicate{Op: "in", Column: text("code"), Texts: []string{"A", `B"b`}}

	by := func(lookup, name string) sqlgen.LookupKey {
		return sqlgen.LookupKey{Column: text(name), Staged: text(lookup + "." + name)}
	}
	course := &sqlgen.Lookup{
		Column: number("course_id"), Parent: courses.Table, Ref: number("id"), Owners: []*sqlgen.Target{courses},
		By: []sqlgen.LookupKey{by("course_id", "code"), by("course_id", "origin")},
	}
	links := &sqlgen.Target{
		Sync: "sync.links", TableName: "link", Stage: d.StageTable("stage_2_1"),
		Table:  &sqlgen.Table{Name: d.Quote("link"), Columns: []sqlgen.Column{number("id"), number("course_id"), text("student"), text("label"), column("amount", value.Decimal, sqlTypes[2]), instant("seen_on"), number("up_id"), text("origin")}},
		Key:    []sqlgen.Column{number("course_id"), text("student")},
		Mapped: []sqlgen.Column{number("course_id"), text("student"), text("label"), column("amount", value.Decimal, sqlTypes[2]), instant("seen_on"), number("up_id")},
		Scope:  []sqlgen.Set{{Column: text("origin"), Text: constant("OURS")}}, KeyScopes: [][]sqlgen.Set{nil}, Adopt: true, Warns: true, ByTask: true, Missing: "delete",
		Parents: []sqlgen.InParent{{Column: number("course_id"), Parent: courses.Table, Ref: number("id"), Where: []sqlgen.Set{{Column: text("origin"), Text: constant("OURS")}}}},
		Compare: map[string]sqlgen.Compare{
			"label": {Mode: sqlgen.CompareFolded}, "amount": {Mode: sqlgen.CompareRounded, Digits: 1}, "seen_on": {Mode: sqlgen.CompareDate, Zone: "Europe/Paris"},
		},
	}
	up := &sqlgen.Lookup{
		Column: number("up_id"), Parent: links.Table, Ref: number("id"), By: []sqlgen.LookupKey{by("up_id", "student")}, Null: true, Sensitive: true, Owners: []*sqlgen.Target{links},
	}
	links.Lookups = []*sqlgen.Lookup{course, up}

	parents, ups := d.StageTable("stage_2_p"), d.StageTable("stage_2_q")
	asLoaded := *links
	asLoaded.Stage = d.StageTable("stage_2_l")
	loaded := asLoaded.Stage
	at := func(sqlgen.Column) string { return "2026-09-01 02:30:00Z" }
	batch := func(operation string) sqlgen.Batch {
		return sqlgen.Batch{PlanID: "p", Operation: operation, After: 10, Last: 20}
	}
	plannedCourses := sqlgen.Planned{Target: courses, PlanID: "p", After: 0, Last: 10}
	plannedLinks := sqlgen.Planned{Target: links, PlanID: "p", After: 10, Last: 20}
	references := sqlgen.ForeignKey{Table: links.Table.Name, Columns: []string{"course_id"}, Parent: courses.Table.Name, ParentColumns: []string{"id"}}
	moves := []sqlgen.Move{{From: []string{"A"}, To: []string{"B"}}, {From: []string{"C"}, To: []string{"D"}}}
	renaming := *courses
	renaming.Renames = true
	held := sqlgen.Held(d.StageTable("stage_2_h"))
	needs := sqlgen.Needs(d.StageTable("stage_2_n"))
	keepers := sqlgen.Basis{Table: d.StageTable("stage_2_b"), Planned: plannedLinks, Operation: "adopt"}
	makers := sqlgen.Basis{Table: d.StageTable("stage_1_b"), Planned: plannedCourses, Operation: "undelete"}
	byCourse := sqlgen.References(d, links, "insert", courses.Table)[0]

	edges := d.StageTable("stage_2_e")
	gone := sqlgen.Gone{Table: d.StageTable("stage_2_g"), Key: references}
	leaving := sqlgen.Leaving{Table: d.StageTable("stage_2_v"), Target: links}
	byCode := sqlgen.ForeignKey{Table: links.Table.Name, Columns: []string{"student"}, Parent: courses.Table.Name, ParentColumns: []string{"code"}}
	rekeyed := sqlgen.Rekeyed{Table: d.StageTable("stage_2_k"), Key: byCode}
	renamed := sqlgen.Planned{Target: &renaming, PlanID: "p", After: 0, Last: 10}
	leavers := []sqlgen.Leaver{{Planned: plannedLinks, Operations: []string{"archive", "delete", "update", "rename"}}}
	tree, treeTable := *links, *links.Table
	treeTable.References = []sqlgen.ForeignKey{{Table: links.Table.Name, Columns: []string{"up_id"}, Parent: links.Table.Name, ParentColumns: []string{"id"}}}
	tree.Table = &treeTable
	plannedTree := sqlgen.Planned{Target: &tree, PlanID: "p", After: 10, Last: 20}

	statements := map[string]sqlgen.Statement{
		"lookup_create_parents":   sqlgen.CreateParents(d, course, parents),
		"lookup_create_ups":       sqlgen.CreateParents(d, up, ups),
		"lookup_create_stage":     sqlgen.CreateStage(d, &asLoaded),
		"courses_create_stage":    sqlgen.CreateStage(d, courses),
		"lookup_fill_parents":     sqlgen.FillParents(d, course, parents),
		"lookup_plan_insert":      sqlgen.PlanParents(d, course, parents, courses, batch("insert")),
		"lookup_plan_archive":     sqlgen.PlanParents(d, course, parents, courses, batch("archive")),
		"lookup_plan_rename":      sqlgen.PlanParents(d, course, parents, &renaming, batch("rename")),
		"lookup_ambiguous":        sqlgen.AmbiguousParents(d, course, parents, loaded, 10),
		"lookup_create_resolved":  sqlgen.CreateResolved(d, links),
		"lookup_resolve":          sqlgen.Resolve(d, links, loaded, []string{parents, ups}),
		"lookup_record":           sqlgen.RecordUnresolved(d, links, up, loaded, ups, "p", 10),
		"lookup_unresolved":       sqlgen.UnresolvedKeys(d, course, loaded, parents, 10),
		"lookup_keep_names":       sqlgen.KeepNames(d, links, course, parents, courses, moves),
		"lookup_keep_rejects":     sqlgen.KeepRejects(d, links, loaded),
		"lookup_export_rows":      sqlgen.ScopeRows(d, links, links.Table.Columns),
		"lookup_export_referring": sqlgen.CountReferring(d, links, course, courses, []*sqlgen.Target{links}),
		"lookup_watched_rows":     sqlgen.WatchedRows(d, links, []string{"A", "OURS", "S"}, 10),
		"lookup_watched_staged":   sqlgen.WatchedStaged(d, links, loaded, []string{"A", "OURS", "S"}, 10),
		"lookup_watched_parents":  sqlgen.WatchedParents(d, course, []string{"A", "OURS"}, 10),
		"lookup_duplicates":       sqlgen.DuplicateResolvedKeys(d, links, 10),
		"cycle_create_edges":      sqlgen.CreateEdges(d, edges),
		"cycle_fill":              sqlgen.FillEdges(d, edges, links, up, links),
		"cycle_prune":             sqlgen.PruneEdges(d, edges),
		"cycle_edge":              sqlgen.Edge(d, edges, "a"),
		"links_execute_leaves":    sqlgen.Execute(d, &tree, batch("delete"), sqlgen.Leaves, at),
		"lookup_lost":             sqlgen.Lost(d, links, batch("insert"), 10),
		"parent_reject_outside":   sqlgen.RejectOutside(d, links, sqlgen.ParentChange{Planned: plannedCourses, Operation: "archive"}, sqlgen.ParentChange{Planned: plannedCourses, Operation: "adopt"}),
		"parent_count_outside":    sqlgen.CountOutside(d, links, batch("insert")),
		"finding_rejects":         sqlgen.RecordRejects(d, links, "p", 10),
		"finding_warnings":        sqlgen.RecordWarnings(d, links, "p", 10),
		"finding_protected":       sqlgen.RecordProtected(d, courses, "p", 10),
		"create_held":             sqlgen.CreateHeld(d, held),
		"held_removals":           sqlgen.HoldRemovals(d, plannedLinks, held),
		"held_takers":             sqlgen.NeedTakers(d, plannedLinks, "insert", []string{"course_id", "student"}, keepers, needs),
		"held_keepers_create":     sqlgen.Keepers(d, keepers)[0],
		"held_keepers_fill":       sqlgen.Keepers(d, keepers)[1],
		"taker_count":             sqlgen.CountTakers(d, plannedLinks, "insert", []string{"course_id", "student"}, plannedLinks, []string{"delete"}, held),
		"taker_late":              sqlgen.HoldLate(d, plannedTree, "delete", treeTable.References[0], map[string][]sqlgen.Planned{"delete": {plannedTree}}, held),
		"lookup_plan_adopt":       sqlgen.PlanParents(d, course, parents, courses, batch("adopt")),
		"held_dependents":         sqlgen.NeedMakers(d, plannedLinks, "insert", byCourse, makers, needs),
		"held_makers_create":      sqlgen.Makers(d, makers, byCourse)[0],
		"held_makers_fill":        sqlgen.Makers(d, makers, byCourse)[1],
		"held_needs_create":       sqlgen.CreateNeeds(d, needs),
		"held_needs_index":        sqlgen.IndexNeeds(d, needs),
		"held_needing":            first(sqlgen.HoldNeeding(d, needs, held)),
		"held_drop":               sqlgen.DropHeldBack(d, plannedLinks, held),
		"finding_held_back":       sqlgen.RecordHeldBack(d, plannedLinks, held, 10),
		"finding_protected_moved": sqlgen.RecordProtectedRenames(d, &renaming, moves, "p", 10),
		"links_diff":              sqlgen.Diff(d, links, "p", 10),
		"links_adopt":             sqlgen.Adopt(d, links, "p", 10),
		"links_execute_insert":    sqlgen.Execute(d, links, batch("insert"), sqlgen.AllKnown, at),
		"links_execute_remaining": sqlgen.Execute(d, links, batch("insert"), sqlgen.Remaining, at),
		"links_execute_adopt":     sqlgen.Execute(d, links, batch("adopt"), sqlgen.AllRows, at),
		"links_sound":             sqlgen.CountSound(d, links, batch("insert")),
		"links_record_result":     sqlgen.RecordResult(d, links, batch("insert"), true),
		"courses_diff":            sqlgen.Diff(d, courses, "p", 10),
		"courses_move_states":     sqlgen.MoveStates(d, courses, moves),
		"courses_rename":          sqlgen.Rename(d, &renaming, moves, "p", 10),
		"courses_settle_renamed":  sqlgen.SettleRenamed(d, courses, moves),
		"courses_execute_rename":  sqlgen.Execute(d, &renaming, batch("rename"), sqlgen.AllRows, at),
		"courses_execute_purge":   sqlgen.Execute(d, courses, batch("purge"), sqlgen.AllRows, at),
		"gone_create":             sqlgen.CreateGone(d, gone, courses.Table),
		"gone_fill":               sqlgen.FillGone(d, gone, plannedCourses, "purge"),
		"leaving_create":          sqlgen.CreateLeaving(d, leaving),
		"leaving_deleted":         sqlgen.FillLeaving(d, leaving, plannedLinks, "delete", references),
		"leaving_renamed":         sqlgen.FillLeaving(d, leaving, plannedLinks, "rename", references),
		"gone_dependents":         sqlgen.CountDependents(d, gone, []sqlgen.Leaving{leaving}),
		"create_rekeyed":          sqlgen.CreateRekeyed(d, rekeyed, courses.Table),
		"rekeyed_fill":            sqlgen.FillRekeyed(d, rekeyed, renamed, "rename"),
		"rekeyed_count":           sqlgen.CountRekeyed(d, rekeyed, leavers),
		"referred_deleted":        sqlgen.Referred(d, plannedCourses, "delete", references, leavers, 10),
		"referred_renamed":        sqlgen.Referred(d, renamed, "rename", byCode, leavers, 10),
		"courses_likely_renames":  sqlgen.LikelyRenames(d, plannedCourses, []sqlgen.Column{text("category")}, 10),
	}
	maps.Copy(statements, lookupReverts(d, links, at))
	return statements, []*sqlgen.Table{courses.Table, links.Table}
}

func first(s sqlgen.Statement, _ bool) sqlgen.Statement { return s }
