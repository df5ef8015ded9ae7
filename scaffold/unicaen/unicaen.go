// Package unicaen writes the configuration of UnicaenDbImport, a PHP module, as one of this program that plans the same. What the
// two do differently, and what cannot be said, is told in comments; nothing is left out in silence.
package unicaen

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
	"github.com/registrar-sync/registrar/scaffold/php"
)

// File is one of the configuration that is written, its name relative and with forward slashes.
type File struct {
	Name string
	Text []byte
}

// Result is a configuration.
type Result struct {
	Files []File
	// Variables are those whose values must be given: the passwords, which are not copied.
	Variables []string
	Syncs     int
	// Doubts is the number of comments that begin with "doubt:".
	Doubts int
}

// MainFile is the name of the file that holds the blocks.
const MainFile = "main.hcl"

// Convert writes a configuration of the merged files' array. Its error holds all that stands in the way, each with its place.
func Convert(root *php.Value) (*Result, error) {
	c := &converter{root: root, labels: map[string]bool{}, blocks: map[string]string{}, names: map[string]bool{}}
	c.convert()
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	var b strings.Builder
	b.WriteString(hcltext.Comment(c.head()))
	b.WriteString("\n" + settings)
	b.WriteString(c.connections.String())
	b.WriteString(c.syncs.String())
	b.WriteString(c.leftOut())
	c.result.Files = append([]File{{Name: MainFile, Text: hcltext.Format(b.String())}}, c.result.Files...)
	c.result.Doubts = strings.Count(b.String(), "# doubt:")
	return &c.result, nil
}

const settings = `registrar {
  # The original took the time zone of the database's session.
  timezone = "Europe/Paris"
}

# The original ran by a line of a crontab. Its five fields can stand here; each sync then says schedule = schedule.imports.
# schedule "imports" {
#   cron = "*/15 6-19 * * 1-5"
# }

`

func (c *converter) head() string {
	return `Written by registrar import-config unicaen-db-import. It plans what the original would do, but for this:
- A change from or to NULL is found, which the original overlooked: the first plan may update rows for it.
- Where the source has no rows, or so few that more than 30 % of the table would go, the plan is held; the original archived them all. See guard.
- A key that stands twice in the source, or is NULL, is an error that names it.
- The destination's table needs a unique index on the key.
- No intermediate table, no function and no table import_reg is made: the register keeps what was done.`
}

// converter writes one configuration.
type converter struct {
	root        *php.Value
	labels      map[string]bool   // of syncs
	blocks      map[string]string // the address of a connection's block, by kind and path
	names       map[string]bool   // of blocks and variables
	connections strings.Builder
	syncs       strings.Builder
	// unread are the keys that nothing was made of, as comments.
	unread []string
	result Result
	errs   []error
}

func (c *converter) fail(at php.Place, remedy, format string, args ...any) {
	c.errs = append(c.errs, &php.Error{At: at, Found: fmt.Sprintf(format, args...), Remedy: remedy})
}

// convert writes all syncs.
func (c *converter) convert() {
	root := c.root
	if root.Kind != php.Array || root.Get("import") == nil {
		c.fail(root.At, "Expected: 'import' => ['imports' => [ … ]].", "the file has no key 'import'")
		return
	}
	settings := root.Get("import")
	if settings.Kind != php.Array {
		c.fail(settings.At, "", "'import' is no array")
		return
	}
	imports := c.all(settings)
	if len(imports) == 0 && len(c.errs) == 0 {
		c.fail(settings.At, "Expected: 'imports' => [[ 'name' => …, 'source' => …, 'destination' => … ]].", "'import' lists no imports")
	}
	c.common(settings)
	for _, one := range imports {
		c.sync(settings, one)
	}
	for _, item := range root.Items {
		if item.Key != "import" && item.Key != "doctrine" {
			c.unread = append(c.unread, fmt.Sprintf("%s: %s is no part of the import", item.Value.At, item.Key))
		}
	}
}

// entry is an import, or a synchro of later versions.
type entry struct {
	*php.Value
	path  string
	order int
}

// all lists the imports in the order in which they ran.
func (c *converter) all(settings *php.Value) []entry {
	var out []entry
	for _, key := range []string{"imports", "synchros"} {
		list := settings.Get(key)
		if list == nil || list.Kind == php.Null {
			continue
		}
		if list.Kind != php.Array {
			c.fail(list.At, "", "'%s' is no array", key)
			continue
		}
		from := len(out)
		for _, item := range list.Items {
			e := entry{Value: item.Value, path: fmt.Sprintf("import.%s.%s", key, item.Key)}
			if e.Kind != php.Array {
				c.fail(e.At, "", "%s is no array", e.path)
				continue
			}
			if order := e.Get("order"); order != nil && order.Kind == php.Int {
				e.order, _ = strconv.Atoi(order.Text) // of at most 64 bits
			}
			out = append(out, e)
		}
		slices.SortStableFunc(out[from:], func(a, b entry) int { return a.order - b.order })
	}
	return out
}

// common looks at the keys beside the imports.
func (c *converter) common(settings *php.Value) {
	for _, item := range settings.Items {
		switch item.Key {
		case "imports", "synchros", "connections", "histo_columns_aliases", "histo_columns_values":
		case "use_import_observ":
			if item.Value.Kind == php.Bool && item.Value.Bool {
				c.skip("import", item, "What its tables list of columns to watch stands in the database. Write a block on_change for each, which tells a notifier.")
			}
		default:
			c.skip("import", item, "It is not known to be needed.")
		}
	}
}

// skip remembers a key that nothing is made of.
func (c *converter) skip(path string, item php.Item, why string) {
	text := fmt.Sprintf("%s: %s.%s", item.Value.At, path, item.Key)
	if shown := shown(item.Key, item.Value); shown != "" {
		text += " = " + shown
	}
	c.unread = append(c.unread, text+": "+why)
}

// shown is a value where it is short and can be no secret.
func shown(key string, v *php.Value) string {
	lower := strings.ToLower(key)
	for _, word := range []string{"pass", "pwd", "secret", "token", "url", "dsn", "connectstring"} {
		if strings.Contains(lower, word) {
			return "(not shown)"
		}
	}
	if strings.Contains(v.Text, "://") && strings.Contains(v.Text, "@") {
		return "(not shown)" // an address with a password, perhaps
	}
	switch v.Kind {
	case php.Null:
		return "null"
	case php.Bool:
		return strconv.FormatBool(v.Bool)
	case php.Array:
		return ""
	default:
		return strconv.Quote(v.Text)
	}
}

// leftOut lists what nothing was made of.
func (c *converter) leftOut() string {
	if len(c.unread) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(hcltext.Comment("What stood in the original and is not here:"))
	for _, text := range c.unread {
		b.WriteString(hcltext.Comment("- " + hcltext.OneLine(text)))
	}
	return b.String()
}

// text returns a text that must be there.
func (c *converter) text(of *php.Value, path, key string) string {
	v := of.Get(key)
	switch {
	case v == nil:
		c.fail(of.At, "", "%s has no '%s'", path, key)
	case v.Kind != php.String && v.Kind != php.Int || v.Text == "":
		c.fail(v.At, "", "%s.%s is no text", path, key)
	default:
		return v.Text
	}
	return ""
}

// texts returns a list of texts; nil where there is none.
func (c *converter) texts(of *php.Value, path, key string) []string {
	v := of.Get(key)
	if v == nil || v.Kind == php.Null {
		return nil
	}
	if v.Kind != php.Array {
		c.fail(v.At, "", "%s.%s is no array", path, key)
		return nil
	}
	var out []string
	for _, item := range v.Items {
		if item.Value.Kind != php.String {
			c.fail(item.Value.At, "", "%s.%s.%s is no text", path, key, item.Key)
			continue
		}
		out = append(out, item.Value.Text)
	}
	return out
}
