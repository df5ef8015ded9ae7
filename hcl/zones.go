package hcl

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
)

// zoneList has the names of the IANA time zone database that are worth suggesting, one a line: the library's own copy
// of the database cannot be listed.
//
//go:embed zones.txt
var zoneList string

// suggestZone is a sentence with the zone that text may be meant to be, or "". A city is enough.
func suggestZone(text string) string {
	zones := strings.Fields(zoneList)
	if best := suggest.Closest(text, zones); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	byCity := make(map[string]string, len(zones))
	for _, zone := range zones {
		byCity[zone[strings.LastIndex(zone, "/")+1:]] = zone
	}
	city := text[strings.LastIndex(text, "/")+1:]
	if zone := byCity[city]; zone != "" {
		return fmt.Sprintf(" Did you mean %q?", zone)
	}
	if best := suggest.Closest(city, names(byCity)); best != "" {
		return fmt.Sprintf(" Did you mean %q?", byCity[best])
	}
	return ""
}
