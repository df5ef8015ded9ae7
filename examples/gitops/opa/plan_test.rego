package main_test

import data.main
import rego.v1

sync(counts, live) := {
	"address": "sync.rooms[\"hss\"]",
	"counts": object.union({"archive": 0, "delete": 0, "purge": 0}, counts),
	"live_rows": live,
	"rejected": 0,
}

test_few_removals if count(main.deny) == 0 with input as {"syncs": [sync({"delete": 1}, 10)], "resource_changes": []}

test_many_removals if count(main.deny) == 1 with input as {"syncs": [sync({"delete": 1, "archive": 1}, 10)], "resource_changes": []}

test_amphitheatre if {
	count(main.deny) == 1 with input as {"syncs": [], "resource_changes": [{
		"address": "sync.rooms#H-101", "table": "room",
		"change": {"actions": ["delete"], "before": {"name": "Amphi Simone"}},
	}]}
}

removed(room) := {"syncs": [], "resource_changes": [{
	"address": "sync.rooms#H-101", "table": "room",
	"change": {"actions": ["delete"], "before": room},
}]}

test_masked_name if {
	masked := removed({"name": null})
	count(main.deny) == 0 with input as masked
	count(main.warn) == 1 with input as masked
}

test_missing_name if count(main.warn) == 1 with input as removed({"code": "H-101"})

test_other_name if count(main.warn) == 0 with input as removed({"name": "Salle Simone"})

test_excerpt if count(main.warn) == 1 with input as {"syncs": [], "resource_changes": [], "truncated": true}
