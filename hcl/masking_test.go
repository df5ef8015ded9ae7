package hcl

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

// masked spells the columns of each sync that are masked, by address, and of each check what it masks.
func masked(c *config.Config) map[string]string {
	out := make(map[string]string)
	for _, s := range c.Syncs {
		var columns []string
		for _, column := range s.Columns {
			if column.Sensitive {
				columns = append(columns, column.Name)
			}
		}
		out[s.Address] = strings.Join(columns, " ")
	}
	for _, k := range c.Checks {
		out[k.Address] = strings.Join(k.Sensitive, " ")
		if k.AllSensitive {
			out[k.Address] = "all"
		}
	}
	return out
}

// TestMaskedByDefault: a sync's own argument counts before its destination's, and that before the configuration's.
func TestMaskedByDefault(t *testing.T) {
	into := func(text, destination string) string {
		return strings.Replace(text, "destination.sqlite.timetable", destination, 1)
	}
	check := func(name, subject, more string) string {
		return `
check "` + name + `" {
  ` + subject + `
  query   = "SELECT 1 AS x"
  message = "x"
  ` + more + `
}
`
	}
	text := `
source "csv" "rooms" { directory = "data" }
source "sqlite" "apogee" { path = "apogee.db" }
destination "sqlite" "plain" { path = "plain.db" }
destination "sqlite" "hidden" {
  path      = "hidden.db"
  sensitive = "all"
}
destination "sqlite" "shown" {
  path      = "shown.db"
  sensitive = []
}
` + into(syncText("plain", `{ a = "x" }`, "name = row.name", ""), "destination.sqlite.plain") +
		into(syncText("hidden", `{ a = "x" }`, "name = row.name", ""), "destination.sqlite.hidden") +
		into(syncText("listed", `{ a = "x" }`, "name = row.name", `sensitive = ["name"]`), "destination.sqlite.hidden") +
		into(syncText("open", `{ a = "x" }`, "name = row.name", `sensitive = []`), "destination.sqlite.hidden") +
		into(syncText("null", `{ a = "x" }`, "name = row.name", `sensitive = null`), "destination.sqlite.hidden") +
		into(syncText("shown", `{ a = "x" }`, "name = row.name", ""), "destination.sqlite.shown") +
		check("source", "source = source.sqlite.apogee", "") +
		check("source_open", "source = source.sqlite.apogee", "sensitive = []") +
		check("plain", "destination = destination.sqlite.plain", "") +
		check("hidden", "destination = destination.sqlite.hidden", "") +
		check("listed", "destination = destination.sqlite.hidden", `sensitive = ["x"]`) +
		check("shown", "destination = destination.sqlite.shown", "") + `
check "staged" {
  sync    = sync.open
  where   = row.code == null
  message = "x"
}
check "staged_hidden" {
  sync    = sync.hidden
  where   = row.code == null
  message = "x"
}
module "m" {
  source = "./m"
  into   = destination.sqlite.hidden
  other  = destination.sqlite.plain
}
`
	module := "variable \"into\" { type = destination }\nvariable \"other\" { type = destination }\nsource \"csv\" \"rooms\" { directory = \"data\" }\n" +
		into(syncText("inner", `{ a = "x" }`, "name = row.name", ""), "var.into") + into(syncText("other", `{ a = "x" }`, "name = row.name", ""), "var.other")
	want := map[string]string{
		"sync.plain": "", "sync.hidden": "code name", "sync.listed": "name", "sync.open": "", "sync.null": "code name", "sync.shown": "",
		"module.m.sync.inner": "code name", "module.m.sync.other": "",
		"check.source": "", "check.source_open": "", "check.plain": "", "check.hidden": "all", "check.listed": "x", "check.shown": "",
		"check.staged": "", "check.staged_hidden": "code name",
	}
	dir := directory(t, "main.hcl", text, "m/main.hcl", module)
	if diff := cmp.Diff(want, masked(mustLoad(t, dir, testOptions()))); diff != "" {
		t.Errorf("masked (-want +got):\n%s", diff)
	}
	maps.Copy(want, map[string]string{
		"sync.plain": "code name", "module.m.sync.other": "code name", "check.source": "all", "check.plain": "all",
	})
	writeFile(t, dir, "registrar.hcl", `registrar { sensitive = "all" }`)
	if diff := cmp.Diff(want, masked(mustLoad(t, dir, testOptions()))); diff != "" {
		t.Errorf("masked where all is, by default (-want +got):\n%s", diff)
	}
}

// TestSecretsOfConnections: whatever way a secret takes into a connection, a param or a column, its name is known there.
func TestSecretsOfConnections(t *testing.T) {
	text := `
variable "one" { sensitive = true }
variable "two" {
  type      = object({ user = string, hosts = optional(list(string), []) })
  sensitive = true
}
variable "open" { default = "x" }
locals {
  url    = "postgres://${var.two.user}:${var.one}@${var.open}"
  hidden = { password = var.one, user = "me" }
}
source "csv" "none" { directory = var.open }
source "csv" "whole" { directory = var.one }
source "sqlite" "url" { url = local.url }
source "sqlite" "options" { options = { a = upper(local.hidden.password) } }
source "sqlite" "user" { path = local.hidden.user }
source "sqlite" "for" { hosts = [for h in concat(var.two.hosts, ["x"]) : "${h}.example.org"] }
source "sqlite" "try" { path = try(tonumber(var.one), "none") }
notify "email" "mail" {
  on   = ["failure"]
  to   = ["a@example.org"]
  smtp = "smtp://u:${local.hidden.password}@example.org"
}
notify "webhook" "hook" {
  on      = ["failure"]
  url     = "https://example.org/hook"
  headers = { Authorization = "Bearer ${var.two.user}", Accept = var.open }
}
module "m" {
  source   = "./m"
  password = "${var.one}!"
}
` + queryText("b = upper(local.hidden.password)\nc = row.c", "query = \"SELECT :a, :b, :c\"\n params = { a = local.url, b = var.open, c = [var.one][0] }") +
		`destination "sqlite" "timetable" { path = var.two.user }`
	module := `
variable "password" {}
variable "own" {
  default   = "x"
  sensitive = true
}
source "sqlite" "inner" { path = "${var.password}${var.own}" }
source "sqlite" "own" { path = var.own }
`
	opts := testOptions()
	opts.Variables = map[string]string{"one": "a", "two": `{ user = "u" }`}
	c := mustLoad(t, directory(t, "main.hcl", text, "m/main.hcl", module), opts)
	got := make(map[string]string)
	for _, conn := range append(c.Sources, c.Destinations...) {
		got[conn.Address] = strings.Join(conn.Secrets, " ")
	}
	for _, n := range c.Notifiers {
		got[n.Address] = strings.Join(n.Secrets, " ")
	}
	for _, p := range c.Syncs[0].Source.Params {
		got[":"+p.Name] = strings.Join(p.Secrets, " ")
	}
	for _, column := range c.Syncs[0].Columns {
		got["row."+column.Name] = strings.Join(column.Secrets, " ")
	}
	if diff := cmp.Diff(map[string]string{
		"source.csv.none": "", "source.csv.whole": "one", "source.sqlite.url": "one two", "source.sqlite.options": "one",
		"source.sqlite.user": "", "source.sqlite.for": "two", "source.sqlite.try": "one", "source.sqlite.apogee": "",
		"module.m.source.sqlite.inner": "one", "module.m.source.sqlite.own": "", "destination.sqlite.timetable": "two",
		"notify.email.mail": "one", "notify.webhook.hook": "two",
		":a": "one two", ":b": "", ":c": "one", "row.code": "", "row.b": "one", "row.c": "",
	}, got); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}
