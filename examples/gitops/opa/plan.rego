# Rules over a plan's JSON, for opa and conftest:
#
#   registrar show --format json plan.json | conftest test --policy opa -
#   registrar show --format json plan.json | opa eval --stdin-input --data opa --fail-defined 'data.main.deny[_]'
#
# What a policy block of the configuration can say is better said there: its author sees it at once.
# Here stands what is to hold for every repository, or what looks at single operations.
package main

import rego.v1

removals(sync) := sync.counts.archive + sync.counts["delete"] + sync.counts.purge

deny contains message if {
	some sync in input.syncs
	sync.live_rows > 0
	removals(sync) * 100 > sync.live_rows * 10
	message := sprintf("%s removes %d of %d rows: more than 10 %%", [sync.address, removals(sync), sync.live_rows])
}

# Amphitheatres are booked years ahead.
deny contains message if {
	some change in input.resource_changes
	change.table == "room"
	"delete" in change.change.actions
	startswith(change.change.before.name, "Amphi")
	message := sprintf("%s: an amphitheatre goes only after a word with the timetable's office", [change.address])
}

named(room) if is_string(room.name)

# A name that is masked is null, and the rule above has nothing to look at.
warn contains message if {
	some change in input.resource_changes
	change.table == "room"
	"delete" in change.change.actions
	not named(change.change.before)
	message := sprintf("%s: its name is not to be seen, and it may be an amphitheatre: look before it goes", [change.address])
}

# Rules over single operations say nothing of those that are not there.
warn contains "only the first operations of each sync were looked at: use registrar show --all" if input.truncated

warn contains message if {
	some sync in input.syncs
	sync.rejected > 0
	message := sprintf("%s leaves %d records as they are", [sync.address, sync.rejected])
}
