package hcl

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
)

func TestModules(t *testing.T) {
	c := mustLoad(t, "testdata/valid/modules", testOptions())

	var order []string
	for _, s := range c.Syncs {
		order = append(order, s.Address)
	}
	want := []string{
		"sync.departments",
		`module.celcat["hss"].sync.rooms["equipment"]`, `module.celcat["hss"].sync.rooms["room"]`,
		`module.celcat["hss"].module.parts["law"].sync.parts`, `module.celcat["hss"].module.parts["law"].sync.own`,
		`module.celcat["law"].sync.rooms["equipment"]`, `module.celcat["law"].sync.rooms["room"]`,
		`module.celcat["law"].module.parts["hss"].sync.parts`, `module.celcat["law"].module.parts["hss"].sync.own`,
		`module.campus.sync.rooms["room"]`,
		"sync.summary",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order of syncs (-want +got):\n%s", diff)
	}
	files := []string{
		"main.hcl", "modules/celcat/main.hcl", "modules/celcat/sql/parts.sql", "modules/celcat/sql/rooms.sql",
		"modules/celcat/variables.hcl", "modules/parts/main.hcl", "sql/rooms.sql",
	}
	if diff := cmp.Diff(files, names(c.Files)); diff != "" {
		t.Errorf("Files (-want +got):\n%s", diff)
	}

	rooms := find(t, c, `module.celcat["hss"].sync.rooms["room"]`)
	if rooms.Name != "rooms" || rooms.Range.String() != "modules/celcat/main.hcl:5" {
		t.Errorf("%s at %s", rooms.Name, rooms.Range)
	}
	// file() is relative to the module, which has a file of the root's name
	if got := strings.TrimSpace(rooms.Source.Query); got != "SELECT code FROM rooms WHERE kind = :kind" {
		t.Errorf("query of the module is %q", got)
	}
	if got := strings.TrimSpace(find(t, c, "sync.summary").Source.Query); got != "SELECT code FROM all_rooms" {
		t.Errorf("query of the root is %q", got)
	}
	// references are to the very same things
	if rooms.Source.From != c.Sources[0] || rooms.Destination.Into != c.Destinations[0] {
		t.Errorf("connections are %+v, %+v", rooms.Source.From, rooms.Destination.Into)
	}
	for address, scope := range map[string]string{
		`module.celcat["hss"].sync.rooms["room"]`:             "CELCAT-12",
		`module.celcat["law"].sync.rooms["room"]`:             "CELCAT-20",
		`module.celcat["law"].module.parts["hss"].sync.parts`: "CELCAT-20/hss",
		`module.campus.sync.rooms["room"]`:                    "CAMPUS",
	} {
		if got := find(t, c, address).Destination.Scope[0].Value.Text(); got != scope {
			t.Errorf("%s has the scope %s, want %s", address, got, scope)
		}
	}
	if columns := rooms.Columns; columns[1].Sensitive || !columns[2].Sensitive {
		t.Errorf("a sensitive variable's value is lost or spreads: %+v", columns)
	}
	if n := find(t, c, `module.campus.sync.rooms["room"]`).Notify; len(n) != 1 || n[0] != c.Notifiers[0] {
		t.Errorf("notifiers are %v", n)
	}

	depends := map[string][]string{
		`module.celcat["hss"].sync.rooms["room"]`: {"sync.departments"},
		`module.celcat["hss"].module.parts["law"].sync.own`: {
			`module.celcat["hss"].module.parts["law"].sync.parts`, `module.celcat["hss"].sync.rooms["room"]`, "sync.departments",
		},
		"sync.summary": {
			`module.celcat["law"].sync.rooms["room"]`,
			`module.celcat["hss"].module.parts["law"].sync.parts`, `module.celcat["hss"].module.parts["law"].sync.own`,
			`module.celcat["law"].module.parts["hss"].sync.parts`, `module.celcat["law"].module.parts["hss"].sync.own`,
			`module.campus.sync.rooms["room"]`,
		},
	}
	for address, want := range depends {
		if diff := cmp.Diff(want, find(t, c, address).DependsOn); diff != "" {
			t.Errorf("DependsOn of %s (-want +got):\n%s", address, diff)
		}
	}
}

// The faculty hss of module parts is another than the root's.
func TestModuleDeclarations(t *testing.T) {
	c := mustLoad(t, "testdata/valid/modules", testOptions())
	var faculties, schedules []string
	for _, f := range c.Faculties {
		faculties = append(faculties, f.Address)
	}
	for _, s := range c.Schedules {
		schedules = append(schedules, s.Address)
	}
	if diff := cmp.Diff([]string{
		"faculty.hss", "faculty.law",
		`module.celcat["hss"].module.parts["law"].faculty.hss`, `module.celcat["law"].module.parts["hss"].faculty.hss`,
	}, faculties); diff != "" {
		t.Errorf("faculties (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"schedule.nightly",
		`module.celcat["hss"].module.parts["law"].schedule.hourly`, `module.celcat["law"].module.parts["hss"].schedule.hourly`,
	}, schedules); diff != "" {
		t.Errorf("schedules (-want +got):\n%s", diff)
	}
	passed := find(t, c, `module.celcat["law"].module.parts["hss"].sync.parts`)
	if passed.Faculty != "hss" || passed.Schedule != c.Schedules[0] || len(passed.Notify) != 1 {
		t.Errorf("with the faculty passed, the sync is %+v", passed)
	}
	own := find(t, c, `module.celcat["law"].module.parts["hss"].sync.own`)
	if own.Faculty != "hss" || own.Schedule != c.Schedules[2] || len(own.Notify) != 0 {
		t.Errorf("with its own faculty, the sync is %+v", own)
	}
}

// roomsModule is a module with one sync of the given scope; more stands at its end.
func roomsModule(scope, more string) string {
	text := syncText("rooms", scope, "", "")
	text = strings.NewReplacer("source.csv.rooms", "var.from", "destination.sqlite.timetable", "var.into").Replace(text)
	return "variable \"from\" { type = source }\nvariable \"into\" { type = destination }\n" + text + more
}

// callText calls the module in ./rooms.
func callText(name, more string) string {
	return fmt.Sprintf("module %q {\n  source = \"./rooms\"\n  from   = source.csv.rooms\n  into   = destination.sqlite.timetable\n%s\n}\n", name, more)
}

func TestModulesOverlap(t *testing.T) {
	const variable = "variable \"origin\" { type = string }\n"
	text := failing(t, directory(t,
		"main.hcl", common+callText("a", "")+callText("b", ""),
		"rooms/main.hcl", roomsModule(`{ origin = "x" }`, "")), testOptions(),
		"rooms/main.hcl:12: error: Overlapping syncs", "module.a.sync.rooms and module.b.sync.rooms", "variable of the module")
	if strings.Count(text, "Overlapping") != 1 {
		t.Errorf("reported more than once:\n%s", text)
	}
	failing(t, directory(t,
		"main.hcl", common+callText("a", `  for_each = toset(["x", "y"])`),
		"rooms/main.hcl", roomsModule(`{ origin = "x" }`, "")), testOptions(),
		`module.a["x"].sync.rooms and module.a["y"].sync.rooms`)
	failing(t, directory(t,
		"main.hcl", common+callText("a", "")+syncText("rooms", `{ origin = "x" }`, "", ""),
		"rooms/main.hcl", roomsModule(`{ origin = "x" }`, "")), testOptions(),
		"Overlapping syncs", "module.a.sync.rooms", "sync.rooms (main.hcl:")
	mustLoad(t, directory(t,
		"main.hcl", common+callText("a", `  origin = "1"`)+callText("b", "  for_each = toset([\"2\", \"3\"])\n  origin = each.key"),
		"rooms/main.hcl", variable+roomsModule(`{ origin = var.origin }`, "")), testOptions())
}

func TestModulesOrder(t *testing.T) {
	rooms := roomsModule(`{ origin = var.origin }`, "variable \"origin\" { type = string }\n")
	call := func(name, more string) string { return callText(name, "  origin = \""+name+"\"\n"+more) }
	c := mustLoad(t, directory(t,
		"main.hcl", common+call("a", "  depends_on = [module.b, sync.last]")+call("b", "")+syncText("last", `{ origin = "x" }`, "", ""),
		"rooms/main.hcl", rooms), testOptions())
	var order []string
	for _, s := range c.Syncs {
		order = append(order, s.Address)
	}
	if diff := cmp.Diff([]string{"module.b.sync.rooms", "sync.last", "module.a.sync.rooms"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for name, tc := range map[string]struct{ main, want string }{
		"of modules":  {call("a", "  depends_on = [module.b]") + call("b", "  depends_on = [module.a]"), "module.a.sync.rooms -> module.b.sync.rooms -> module.a.sync.rooms"},
		"with itself": {call("a", "  depends_on = [module.a]"), "module.a.sync.rooms -> module.a.sync.rooms"},
		"with a sync": {
			call("a", "  depends_on = [sync.s]") + syncText("s", `{ origin = "x" }`, "", "depends_on = [module.a.sync.rooms]"),
			"module.a.sync.rooms -> sync.s -> module.a.sync.rooms",
		},
	} {
		t.Run(name, func(t *testing.T) {
			failing(t, directory(t, "main.hcl", common+tc.main, "rooms/main.hcl", rooms), testOptions(), "Dependency cycle", tc.want)
		})
	}
}

// A lookup orders syncs of different modules.
func TestModulesLookup(t *testing.T) {
	parts := strings.NewReplacer("source.csv.rooms", "var.from", "destination.sqlite.timetable", "var.into").
		Replace(syncText("parts", `{ origin = "x" }`, `room_id = lookup("rooms", "id", { code = row.room })`, ""))
	c := mustLoad(t, directory(t,
		"main.hcl", common+strings.Replace(callText("a", ""), "./rooms", "./parts", 1)+callText("b", ""),
		"parts/main.hcl", "variable \"from\" { type = source }\nvariable \"into\" { type = destination }\n"+parts,
		"rooms/main.hcl", roomsModule(`{ origin = "x" }`, "")), testOptions())
	if c.Syncs[0].Address != "module.b.sync.rooms" || !slices.Contains(c.Syncs[1].DependsOn, "module.b.sync.rooms") {
		t.Errorf("first is %s, then %+v", c.Syncs[0].Address, c.Syncs[1])
	}
}

// Guards of the registrar block and of a faculty reach the syncs of modules.
func TestModuleGuards(t *testing.T) {
	c := mustLoad(t, directory(t,
		"main.hcl", common+`
registrar {
  guard { max_insert = 7 }
}
faculty "hss" {
  guard { max_update = 8 }
}
`+callText("a", "  for_each = faculty\n  faculty = each.value\n  origin = each.key"),
		"rooms/main.hcl", strings.Replace(roomsModule("{ origin = var.origin }", ""), `sync "rooms" {`, `
variable "origin" {}
variable "faculty" { type = faculty }
sync "rooms" {
  faculty = var.faculty`, 1)), testOptions())
	g := c.Syncs[0].Guard
	if g.MaxInsert == nil || g.MaxInsert.Count != 7 || g.MaxUpdate == nil || g.MaxUpdate.Count != 8 {
		t.Errorf("guard is %+v", g)
	}
}

func TestModuleDigest(t *testing.T) {
	load := func(rooms, query string) *config.Config {
		return mustLoad(t, directory(t,
			"main.hcl", common+callText("a", ""),
			"rooms/main.hcl", roomsModule(`{ origin = file("x.sql") }`, rooms),
			"rooms/x.sql", query, "unused/main.hcl", "{{{"), testOptions())
	}
	first := load("", "x")
	if load("", "x").Digest != first.Digest {
		t.Error("the digest is not the same for the same files")
	}
	if load("# a comment\n", "x").Digest == first.Digest {
		t.Error("the digest does not cover the files of a module")
	}
	if load("", "y").Digest == first.Digest {
		t.Error("the digest does not cover what a module reads")
	}
}

// Values from outside of the files are for the root's variables only.
func TestModuleVariablesAreNotGivenFromOutside(t *testing.T) {
	dir := directory(t,
		"main.hcl", common+callText("a", ""),
		"rooms/main.hcl", roomsModule("{ origin = var.origin }", "variable \"origin\" { default = \"default\" }\n"))
	opts := testOptions()
	opts.Environ = []string{"REGISTRAR_VAR_origin=environment"}
	if got := mustLoad(t, dir, opts).Syncs[0].Destination.Scope[0].Value.Text(); got != "default" {
		t.Errorf("origin = %q", got)
	}
	opts.Variables = map[string]string{"origin": "line"}
	failing(t, dir, opts, "Value for undeclared variable")

	writeFile(t, dir, "rooms/x.auto.vars.hcl", `origin = "file"`)
	c, diags := Load(dir, testOptions())
	if got := detailed(diags); !strings.HasPrefix(got, "main.hcl:5: warning: File of variables not read") || diags.HasErrors() {
		t.Errorf("diagnostics:\n%s", got)
	}
	if got := c.Syncs[0].Destination.Scope[0].Value.Text(); got != "default" {
		t.Errorf("origin = %q", got)
	}
}

func TestModuleConfinement(t *testing.T) {
	outside := directory(t, "rooms/main.hcl", roomsModule(`{ origin = "x" }`, ""), "secret.txt", "secret")
	rooms := roomsModule(`{ origin = file("linked/secret.txt") }`, "")

	dir := directory(t, "main.hcl", common+callText("a", ""))
	link(t, filepath.Join(outside, "rooms"), filepath.Join(dir, "rooms"))
	failing(t, dir, testOptions(), "main.hcl:5: error: Invalid module source", "outside of the configuration's directory")

	dir = directory(t, "main.hcl", common+callText("a", ""), "rooms/main.hcl", rooms)
	link(t, outside, filepath.Join(dir, "rooms", "linked"))
	text := failing(t, dir, testOptions(), "rooms/main.hcl:12: error", "outside of the configuration's directory")
	if strings.Contains(text, "secret;") {
		t.Errorf("the file's content is in the message:\n%s", text)
	}

	// within the root, a link is as good as the directory, and a way into the root too
	dir = directory(t, "main.hcl", common+callText("a", ""), "real/main.hcl", rooms, "real/linked/secret.txt", "inside")
	link(t, "real", filepath.Join(dir, "rooms"))
	if got := mustLoad(t, dir, testOptions()).Syncs[0].Destination.Scope[0].Value.Text(); got != "inside" {
		t.Errorf("origin = %q", got)
	}
	dir = directory(t, "main.hcl", common+"module \"a\" { source = \"./rooms\" }\n")
	link(t, ".", filepath.Join(dir, "rooms"))
	failing(t, dir, testOptions(), "Module includes itself", "the root -> rooms.")
}

// Modules of modules multiply; a few lines must not keep a pipeline busy for good.
func TestTooManyModules(t *testing.T) {
	files := []string{"main.hcl", "module \"a\" { source = \"./0\" }\n"}
	for n := range 20 {
		inner := fmt.Sprintf("module \"a\" { source = \"../%d\" }\nmodule \"b\" { source = \"../%d\" }\n", n+1, n+1)
		files = append(files, fmt.Sprintf("%d/main.hcl", n), inner)
	}
	text := failing(t, directory(t, append(files, "20/main.hcl", "locals {}")...), testOptions(), "Too many modules")
	if strings.Count(text, "error") != 1 {
		t.Errorf("diagnostics:\n%s", text)
	}
}

// What is given to a module's variables is not quoted where it is sensitive.
func TestModuleSecrets(t *testing.T) {
	text := failing(t, directory(t,
		"main.hcl", "variable \"password\" {\n  sensitive = true\n  default = \"hunter2\"\n}\nmodule \"a\" {\n  source = \"./m\"\n  n = { (var.password) = 1 }\n  f = { hunter3 = var.password }\n  v = var.password\n}\n",
		"m/main.hcl", "variable \"n\" { type = list(number) }\nvariable \"f\" { type = map(faculty) }\nvariable \"v\" {\n  validation {\n    condition = var.v == \"x\"\n    error_message = \"It is ${var.v}.\"\n  }\n}\n"), testOptions(),
		"main.hcl:7: error: Invalid value for variable", "expected list(number)", "main.hcl:8: error: Invalid value for variable", "expected map(faculty)", "main.hcl:9: error")
	if strings.Contains(text, "hunter") {
		t.Errorf("the secret is in the message:\n%s", text)
	}
}

// An object that was made of a faculty still leads to it.
func TestFacultyCannotBeForged(t *testing.T) {
	text := strings.Replace(syncText("s", `{ a = "x" }`, "", ""), "source {", "faculty = merge(faculty.hss, { label = \"nobody\" })\n  source {", 1)
	c := mustLoad(t, directory(t, "main.hcl", common+"faculty \"hss\" { code = \"12\" }\n"+text), testOptions())
	if c.Syncs[0].Faculty != "hss" {
		t.Errorf("faculty is %q", c.Syncs[0].Faculty)
	}
}

// A module without instances is checked for what is wrong in it whatever its variables
// are; nothing of it is in the configuration.
func TestModuleWithoutInstances(t *testing.T) {
	dir := "testdata/unused"
	c := mustLoad(t, dir, testOptions())
	if len(c.Syncs) != 0 || len(c.Sources) != 1 || len(c.Destinations) != 1 || len(c.Schedules) != 0 || len(c.Notifiers) != 0 || len(c.Faculties) != 0 || len(c.Checks) != 0 {
		t.Errorf("configuration is %+v", c)
	}
	if !slices.Contains(names(c.Files), "m/main.hcl") {
		t.Errorf("Files are %v", names(c.Files))
	}
}

// Our types are told apart wherever they stand in a type.
func TestModuleTypes(t *testing.T) {
	for _, c := range []struct{ typ, value, wrong string }{
		{"source", "source.csv.rooms", "destination.sqlite.timetable"},
		{"destination", "destination.sqlite.timetable", "source.csv.rooms"},
		{"schedule", "schedule.nightly", "faculty.hss"},
		{"notify", "notify.email.office", "schedule.nightly"},
		{"faculty", "faculty.hss", `{ label = "hss" }`},
		{"list(notify)", "faculty.hss.notify", "[schedule.nightly]"},
		{"set(source)", "[source.csv.rooms]", "[destination.sqlite.timetable]"},
		{"map(faculty)", "faculty", "{ hss = schedule.nightly }"},
		{"tuple([string, faculty])", `["a", faculty.hss]`, `["a", "b"]`},
		{"object({ a = schedule })", "{ a = schedule.nightly }", "{ a = 1 }"},
		{"object({ a = optional(schedule), b = optional(list(notify), []) })", "{}", `{ a = "nightly" }`},
		{"object({ a = optional(schedule), b = optional(string, \"x\") })", "{ a = schedule.nightly }", "{ a = source.csv.rooms }"},
		{"map(list(object({ f = faculty })))", "{ x = [{ f = faculty.hss }] }", `{ x = [{ f = "hss" }] }`},
	} {
		t.Run(c.typ, func(t *testing.T) {
			files := func(value string) string {
				return directory(t, "m/main.hcl", "variable \"v\" { type = "+c.typ+" }\nlocals {\n  v = var.v\n}\n", "main.hcl", common+`
schedule "nightly" { at = ["02:30"] }
notify "email" "office" {
  on   = ["failure"]
  to   = ["office@example.org"]
  smtp = "smtp://mail.example.org"
}
faculty "hss" { notify = [notify.email.office] }
module "m" {
  source = "./m"
  v      = `+value+`
}
`)
			}
			mustLoad(t, files(c.value), testOptions())
			failing(t, files(c.wrong), testOptions(), "main.hcl:14: error: Invalid value for variable", "expected "+strings.Fields(c.typ)[0][:3])
		})
	}
}

func TestModuleSeesNoNamesFromOutside(t *testing.T) {
	for _, reference := range []string{"source.csv.rooms", "destination.sqlite.timetable", "faculty.hss", "local.x", "var.y"} {
		failing(t, directory(t,
			"m/main.hcl", "locals {\n  v = "+reference+"\n}\n",
			"main.hcl", common+"faculty \"hss\" {}\nlocals {\n  x = 1\n}\nvariable \"y\" { default = 1 }\nmodule \"m\" { source = \"./m\" }\n"),
			testOptions(), "m/main.hcl:2: error: Undeclared", "declared outside of this module")
	}
}

// FuzzModule looks for panics in what is a module, with an instance and without.
func FuzzModule(f *testing.F) {
	for _, pattern := range []string{"testdata/valid/modules/modules/*/*.hcl", "testdata/error/modules/modules/*/*.hcl", "testdata/unused/*/*.hcl"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	const arguments = "  from = source.csv.rooms\n  into = destination.sqlite.timetable\n  v = each.key\n  faculties = faculty\n"
	f.Fuzz(func(t *testing.T, src []byte) {
		dir := directory(t, "m/main.hcl", string(src), "main.hcl", common+"faculty \"hss\" {}\n"+
			"module \"none\" {\n  source = \"./m\"\n  for_each = toset([])\n"+arguments+"}\n"+
			"module \"some\" {\n  source = \"./m\"\n  for_each = toset([\"a\", \"b\"])\n"+arguments+"  depends_on = [module.none.sync.rooms]\n}\n")
		_, diags := Load(dir, testOptions())
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" {
				t.Errorf("diagnostic without text: %+v", d)
			}
		}
	})
}
