package explain

import (
	"strings"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// Zone is that of the configuration's clocks.
func (f *Facts) Zone() *time.Location {
	if zone := f.Config.Settings.Timezone; zone != nil {
		return zone
	}
	return time.UTC
}

// when is an instant as the clocks of the configuration show it.
func (f *Facts) when(t time.Time) string { return t.In(f.Zone()).Format("2006-01-02 15:04 MST") }

// sentence ends a text as one does.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// done is what an operation makes of a row.
func done(o config.Operation) string {
	switch o {
	case config.Insert:
		return "inserted"
	case config.Update:
		return "updated"
	case config.Archive:
		return "archived"
	case config.Delete:
		return "deleted"
	case config.Undelete:
		return "undeleted"
	case config.Rename:
		return "renamed"
	case config.Adopt:
		return "adopted"
	case config.Purge:
		return "purged"
	default:
		return string(o)
	}
}

// noun is an operation with its article.
func noun(o config.Operation) string {
	switch o {
	case config.Insert, config.Update, config.Archive, config.Undelete, config.Adopt:
		return "an " + string(o)
	default:
		return "a " + string(o)
	}
}
