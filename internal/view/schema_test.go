package view_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/plan"
)

// planSchema reads the schema of the plan's JSON; strict refuses members that it does not know, as readers must not.
func planSchema(t *testing.T, strict bool) *jsonschema.Schema {
	t.Helper()
	file := filepath.Join("..", "..", "docs", "schema", "plan.schema.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		closed(document)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("plan.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// closed gives every object with properties no other ones.
func closed(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, ok := node["properties"]; ok {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closed(child)
		}
	case []any:
		for _, child := range node {
			closed(child)
		}
	}
}

func richJSON(t *testing.T, p *plan.Plan) []byte {
	t.Helper()
	var out bytes.Buffer
	err := view.New(&out, view.Options{}).PlanJSON(p, view.Excerpt(p), view.JSONOptions{
		Applied: []view.Application{{Destination: "d", AppliedOn: noon, AppliedBy: "anna@desk", Override: "so"}}, Signer: "ed25519:AAAA", Warnings: warnings(), Files: reviewFiles,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What is written is as the schema says, and the schema knows all of it.
func TestPlanJSONObeysItsSchema(t *testing.T) {
	documents := map[string][]byte{"rich": richJSON(t, rich()), "hostile": richJSON(t, hostileReview(actedUpon))}
	golden(t, "rich.json", documents["rich"])
	for _, name := range []string{"plan.json", "relations.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		documents[name] = text
	}
	unavailable := example()
	unavailable.Comparison = &plan.Comparison{Ref: "main", Unavailable: "no such table"}
	documents["unavailable"] = richJSON(t, unavailable)
	open, strict := planSchema(t, false), planSchema(t, true)
	for name, text := range documents {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := strict.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// A later minor version may have more members.
		value.(map[string]any)["later"] = true
		if err := open.Validate(value); err != nil {
			t.Errorf("%s with a member of a later version: %v", name, err)
		}
		delete(value.(map[string]any), "policies")
		if open.Validate(value) == nil {
			t.Errorf("%s: the schema takes a plan without policies", name)
		}
	}
}

// Pseudonyms stand beside the masked key, and nothing of the masked values does.
func TestPlanJSONOfPseudonyms(t *testing.T) {
	var parsed struct {
		Changes []struct {
			Address    string             `json:"address"`
			Key        map[string]*string `json:"key"`
			Pseudonyms map[string]string  `json:"pseudonyms"`
			Change     struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(richJSON(t, rich()), &parsed); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range parsed.Changes {
		if !strings.HasPrefix(c.Address, "sync.people") {
			if c.Pseudonyms != nil {
				t.Errorf("%s has pseudonyms", c.Address)
			}
			continue
		}
		found++
		switch c.Change.Actions[0] {
		case "delete":
			if c.Pseudonyms["code"] != "k7f3q2ab" || c.Key["code"] != nil {
				t.Errorf("%+v", c)
			}
		default:
			if c.Pseudonyms["post.code"] != "m4r8t1xy" || c.Key["post.code"] != nil {
				t.Errorf("%+v", c)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d operations have masked keys", found)
	}
}
