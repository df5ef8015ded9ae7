package export

import (
	"encoding/json"
	"regexp"
	"strings"
)

// plainWord is a word that a unit file needs not quote.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@+=:,./-]+$`)

// yamlText is a YAML string in double quotes: JSON's are such.
func yamlText(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // of a string it cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
