package cli

import (
	"slices"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/providers"
)

// needsOf lists what a configuration does with the tables of a connection, as far as it names
// them: what queries and hooks touch is not known. applying: plans are applied, too.
func needsOf(cfg *config.Config, c *config.Connection, applying bool) []providers.TableNeed {
	var needs []providers.TableNeed
	need := func(table string) *providers.TableNeed {
		i := slices.IndexFunc(needs, func(n providers.TableNeed) bool { return n.Table == table })
		if i < 0 {
			i, needs = len(needs), append(needs, providers.TableNeed{Table: table, Select: true})
		}
		return &needs[i]
	}
	for _, sync := range cfg.Syncs {
		if sync.Source.From == c && sync.Source.Table != "" {
			need(sync.Source.Table)
		}
		if sync.Destination.Into != c {
			continue
		}
		writes(need(sync.Destination.Table), sync, applying)
		for _, column := range sync.Columns {
			if column.Lookup != nil {
				need(column.Lookup.Table)
			}
		}
		for _, parent := range sync.Destination.Parents {
			need(parent.Table)
		}
	}
	return needs
}

// writes adds what a sync does to its table.
func writes(n *providers.TableNeed, sync *config.Sync, applying bool) {
	l := &sync.Lifecycle
	removes := l.OnMissing == config.DeleteMissing && l.Allows(config.Delete) || l.PurgeAfter > 0 && l.Allows(config.Purge)
	rekeys := len(sync.Moved) > 0 && l.Allows(config.Rename)
	n.Referrers = n.Referrers || removes || rekeys
	if !applying {
		return
	}
	inserts := l.Allows(config.Insert) && hasTask(sync, config.Insert)
	updates := rekeys || sync.Destination.Adopt && l.Allows(config.Adopt) ||
		l.Allows(config.Update) && hasTask(sync, config.Update) && changeable(sync) ||
		l.OnMissing == config.ArchiveMissing && l.Allows(config.Archive) ||
		l.Archives() && l.Allows(config.Undelete)
	if sync.Destination.UnenforcedKey && !removes {
		updates = true // the table is locked, which takes more than the right to insert
	}
	n.Insert, n.Update, n.Delete = n.Insert || inserts, n.Update || updates, n.Delete || removes
}

// hasTask reports whether a sync has rows for a task: without queries for each it has for all.
func hasTask(sync *config.Sync, task config.Operation) bool {
	return len(sync.Source.Queries) == 0 ||
		slices.ContainsFunc(sync.Source.Queries, func(q config.TaskQuery) bool { return q.Task == task })
}

// changeable reports whether a sync maps a column that an update may write.
func changeable(sync *config.Sync) bool {
	return slices.ContainsFunc(sync.Columns, func(c config.Column) bool {
		return !slices.Contains(sync.Destination.Key, c.Name) && !slices.Contains(sync.Lifecycle.IgnoreChanges, c.Name)
	})
}
