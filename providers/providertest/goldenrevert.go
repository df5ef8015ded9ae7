package providertest

import "github.com/registrar-sync/registrar/internal/sqlgen"

// reverts are the statements by which plans are undone: those of whole rows, and those that derive them.
func reverts(d sqlgen.Dialect, own *sqlgen.Target, now func(sqlgen.Column) string) map[string]sqlgen.Statement {
	whole := own.Wholly()
	batch := func(operation string) sqlgen.Batch {
		return sqlgen.Batch{PlanID: "p", Operation: operation, After: 10, Last: 20}
	}
	members := func(columns []sqlgen.Column, now ...string) []sqlgen.UndoMember {
		list := make([]sqlgen.UndoMember, len(columns))
		for i, c := range columns {
			list[i] = sqlgen.UndoMember{Name: c.Name, Now: len(now) > 0 && now[0] == c.Name}
		}
		return list
	}
	all := own.Table.Columns
	archived := &sqlgen.Undo{
		Whole: whole, Own: own, Batch: batch("archive"), Now: now, Keys: []sqlgen.UndoKey{{{Name: own.Key[0].Name, Text: "A"}, {Name: own.Key[1].Name, Text: "1"}}},
		Key: members(own.Key), Before: members(all), After: members(all[len(all)-1:], "deleted_on"),
	}
	inserted := &sqlgen.Undo{
		Whole: whole, Own: own, Batch: batch("insert"), Now: now, Results: true,
		Key: members(own.Key), After: members(all), Result: members(all),
	}
	deleted := &sqlgen.Undo{Whole: whole, Own: own, Batch: batch("delete"), Now: now, Key: members(own.Key), Before: members(all)}
	leaving := []sqlgen.Planned{{Target: whole, PlanID: "q", After: 10, Last: 20}}
	return map[string]sqlgen.Statement{
		"revert_sample":          sqlgen.SampleUndo(d, archived, 10, 20),
		"revert_asked":           sqlgen.CountAsked(d, archived),
		"revert_archive":         sqlgen.Revert(d, archived, "q", 10, nil),
		"revert_insert":          sqlgen.Revert(d, inserted, "q", 10, nil),
		"revert_delete":          sqlgen.Revert(d, deleted, "q", 10, leaving),
		"revert_changed":         sqlgen.CountChanged(d, archived, sqlgen.SpoiltAnyhow, nil),
		"revert_changed_inserts": sqlgen.CountChanged(d, inserted, sqlgen.SpoiltChanged, nil),
		"revert_changed_keys":    sqlgen.ChangedKeys(d, deleted, sqlgen.SpoiltTaken, leaving, 10),
		"revert_record_changed":  sqlgen.RecordChanged(d, archived, "q", 10, nil),
		"revert_derived_archive": sqlgen.CountDerived(d, archived, batch("undelete")),
		"revert_derived_delete":  sqlgen.CountDerived(d, deleted, batch("insert")),
		"whole_insert":           sqlgen.Execute(d, whole, batch("insert"), sqlgen.AllRows, now),
		"whole_update":           sqlgen.Execute(d, whole, batch("update"), sqlgen.AllRows, now),
		"whole_delete":           sqlgen.Execute(d, whole, batch("delete"), sqlgen.AllRows, now),
		"whole_sound":            sqlgen.CountSound(d, whole, batch("rename")),
		"whole_stale":            sqlgen.Stale(d, whole, batch("insert"), 10),
		"whole_result":           sqlgen.RecordResult(d, whole, batch("update"), false),
	}
}

// lookupReverts are those of rows whose key is looked up: its documents have what the lookup goes by, too.
func lookupReverts(d sqlgen.Dialect, own *sqlgen.Target, now func(sqlgen.Column) string) map[string]sqlgen.Statement {
	whole := own.Wholly()
	members := func(names ...string) []sqlgen.UndoMember {
		list := make([]sqlgen.UndoMember, len(names))
		for i, name := range names {
			list[i].Name = name
		}
		return list
	}
	var all []string
	for _, c := range own.Table.Columns {
		all = append(all, c.Name)
	}
	batch := func(operation string) sqlgen.Batch {
		return sqlgen.Batch{PlanID: "p", Operation: operation, After: 10, Last: 20}
	}
	key := []sqlgen.UndoKey{{{Name: "course_id.code", Text: "A"}, {Name: "course_id.origin", Text: "OURS"}, {Name: "student", Text: "S"}}}
	updated := &sqlgen.Undo{
		Whole: whole, Own: own, Batch: batch("update"), Now: now, Keys: key,
		Key: members("course_id", "course_id.code", "course_id.origin", "student"), Before: members("label"), After: members("label"),
	}
	deleted := &sqlgen.Undo{
		Whole: whole, Own: own, Batch: batch("delete"), Now: now, Keys: key,
		Key: members("course_id", "course_id.code", "student"), Before: members(all...), // the lookup went by one column then
	}
	return map[string]sqlgen.Statement{
		"lookup_revert_update": sqlgen.Revert(d, updated, "q", 10, nil),
		"lookup_revert_delete": sqlgen.Revert(d, deleted, "q", 10, nil),
		"lookup_whole_sound":   sqlgen.CountSound(d, whole, batch("update")),
		"lookup_whole_result":  sqlgen.RecordResult(d, whole, batch("insert"), false),
	}
}
