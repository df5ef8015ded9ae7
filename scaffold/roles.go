package scaffold

import (
	"slices"

	"github.com/registrar-sync/registrar/internal/value"
)

// role is what a column of the destination's table is for.
type role uint8

const (
	plain     role = iota // to be mapped
	generated             // computed by the database
	surrogate             // numbered by the database
	scoped                // marks rows as this sync's
	created               // a stamp of the insert
	updated               // a stamp of the update
	archived              // the time of the archiving
	archiving             // whether the row is archived
	looked                // filled by a lookup
)

// The names of columns that are for something else than data, joined and without accents.
var roleNames = map[role][]string{
	scoped: {"origin", "origine", "codeorigine", "origincode", "source", "provenance", "sourceid", "idsource", "originid", "origineid", "sourcesystem", "datasource", "importorigin"},
	created: {
		"createdon", "createdat", "created", "datecreation", "creationdate", "creele", "insertedon", "insertedat", "inserted", "histocreation", "timecreated", "dcreation", "datecreated",
	},
	updated: {
		"updatedon", "updatedat", "updated", "modifiedon", "modifiedat", "modified", "datemodification", "modificationdate", "modifiele", "lastmodified", "lastupdate", "lastupdated",
		"histomodification", "timemodified", "datemaj", "majle", "dmodification", "dateupdated",
	},
	archived: {
		"deletedon", "deletedat", "deleted", "archivedon", "archivedat", "archived", "datesuppression", "datearchivage", "histodestruction", "supprimele", "archivele", "removedon", "removedat",
		"deletiondate", "datedeleted", "timedeleted",
	},
	archiving: {"deleted", "isdeleted", "archived", "isarchived", "supprime", "archive", "temarchive", "temsuppr", "suppressed"},
}

// giveRoles tells by names and types which columns are data.
func (d *draft) giveRoles() {
	d.scope = -1
	d.roles = make([]role, len(d.table.Columns))
	taken := map[role]bool{}
	for i, c := range d.table.Columns {
		name := joined(c.Name)
		temporal := c.Type.Kind == value.Date || c.Type.Kind == value.DateTime || c.Type.Kind == value.Instant
		is := func(r role, fits bool) bool { return fits && !taken[r] && slices.Contains(roleNames[r], name) }
		switch {
		case c.Generated:
			d.roles[i] = generated
		case d.isSurrogate(c.Name):
			d.roles[i] = surrogate
		case is(scoped, true):
			d.roles[i] = scoped
			d.scope = i
		case is(created, temporal):
			d.roles[i] = created
		case is(updated, temporal):
			d.roles[i] = updated
		case is(archived, temporal && !c.NotNull):
			d.roles[i] = archived
		case is(archiving, c.Type.Kind == value.Bool):
			d.roles[i] = archiving
		}
		taken[d.roles[i]] = true
	}
}

// isSurrogate reports whether a column alone is a unique number that the database gives.
func (d *draft) isSurrogate(column string) bool {
	c, _ := d.table.Column(column)
	return c.HasDefault && (c.Type.Kind == value.Int || c.Type.Kind == value.UUID || c.Type.Kind == value.Decimal) && uniqueAlone(d.table.Unique, column)
}

func uniqueAlone(unique [][]string, column string) bool {
	return slices.ContainsFunc(unique, func(columns []string) bool { return len(columns) == 1 && columns[0] == column })
}
