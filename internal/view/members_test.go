package view

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The schema of the plan's JSON and the types that write it have the same members, demanded alike, and
// each is described.
func TestSchemaHasTheMembersOfTheTypes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", "plan.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	definitions := root["$defs"].(map[string]any)
	resolve := func(node map[string]any) map[string]any {
		if name, ok := node["$ref"].(string); ok {
			return definitions[strings.TrimPrefix(name, "#/$defs/")].(map[string]any)
		}
		return node
	}
	seen := 0
	var compare func(path string, node map[string]any, of reflect.Type)
	member := func(path string, node any, of reflect.Type) {
		schema, ok := node.(map[string]any)
		if !ok {
			t.Errorf("%s is not in the schema", path)
			return
		}
		resolved := resolve(schema)
		if schema["description"] == nil && resolved["description"] == nil {
			t.Errorf("%s has no description", path)
		}
		compare(path, resolved, of)
	}
	compare = func(path string, node map[string]any, of reflect.Type) {
		switch {
		case of.Kind() == reflect.Pointer:
			compare(path, node, of.Elem())
		case of.Kind() == reflect.Slice:
			compare(path+"[]", resolve(node["items"].(map[string]any)), of.Elem())
		case of.Kind() == reflect.Struct && of != reflect.TypeFor[time.Time]() && of.NumField() > 0:
			seen++
			properties, _ := node["properties"].(map[string]any)
			required := map[string]bool{}
			for _, name := range node["required"].([]any) {
				required[name.(string)] = true
			}
			var names []string
			for field := range of.Fields() {
				name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
				names = append(names, name)
				if required[name] == strings.Contains(rest, "omit") {
					t.Errorf("%s.%s: required is %v, the type's tag is %q", path, name, required[name], rest)
				}
				member(path+"."+name, properties[name], field.Type)
			}
			for name := range properties {
				if !slices.Contains(names, name) && (path != "plan" || name != "findings" && name != "resource_changes") {
					t.Errorf("%s.%s is in the schema, and never written", path, name)
				}
			}
		}
	}
	compare("plan", root, reflect.TypeFor[jsonPlan]())
	properties := root["properties"].(map[string]any)
	member("plan.findings", properties["findings"], reflect.TypeFor[[]jsonFinding]())
	member("plan.resource_changes", properties["resource_changes"], reflect.TypeFor[[]jsonChange]())
	if seen < 15 {
		t.Errorf("only %d types were looked at", seen)
	}
}
