package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.QueryChecker         = (*Provider)(nil)
	_ providers.StrangerQueryChecker = (*Provider)(nil)
)

// refused are functions whose effects a read-only transaction neither forbids nor undoes. What a role may not call it cannot call here either, and what somebody wrote for this database is
// not among them: the role is what counts.
var refused = map[string]string{
	"LO_IMPORT": readsFiles, "LO_EXPORT": "writes the server's files", "PG_STAT_FILE": readsFiles,
	"LO_CREATE": makesObjects, "LO_CREAT": makesObjects, "LO_FROM_BYTEA": makesObjects, "LO_PUT": makesObjects, "LO_UNLINK": makesObjects,
	"LOWRITE": makesObjects, "LO_TRUNCATE": makesObjects, "LO_TRUNCATE64": makesObjects,
	"PG_TERMINATE_BACKEND": othersSessions, "PG_CANCEL_BACKEND": othersSessions, "PG_LOG_BACKEND_MEMORY_CONTEXTS": othersSessions,
	"PG_RELOAD_CONF": operatesServer, "PG_ROTATE_LOGFILE": operatesServer, "PG_SWITCH_WAL": operatesServer, "PG_CREATE_RESTORE_POINT": operatesServer,
	"PG_PROMOTE": operatesServer, "PG_BACKUP_START": operatesServer, "PG_START_BACKUP": operatesServer, "PG_DROP_REPLICATION_SLOT": operatesServer,
}

// family are functions whose names begin alike.
type family struct{ prefix, reason string }

// refusedFamilies are families of such functions.
var refusedFamilies = []family{
	{"DBLINK", "calls other servers"},
	{"PG_READ_", readsFiles},
	{"PG_LS_", readsFiles},
	{"PG_FILE_", "writes the server's files"},
	{"PG_STAT_RESET", operatesServer},
	{"PG_CREATE_PHYSICAL_", operatesServer},
	{"PG_CREATE_LOGICAL_", operatesServer},
	{"PG_COPY_", operatesServer},
	{"PG_LOGICAL_", operatesServer},
	{"PG_REPLICATION_", operatesServer},
}

// runningText are functions that run a text as a query, which nobody has checked. Reports need some of them.
var runningText = []family{
	{"TS_STAT", runsText},
	{"XPATH_TABLE", runsText},
	{"CONNECTBY", runsText},
	{"QUERY_TO_XML", runsText},
	{"CURSOR_TO_XML", runsText},
	{"CROSSTAB", runsText},
}

const (
	readsFiles     = "reads the server's files"
	makesObjects   = "writes large objects"
	othersSessions = "reaches into others' sessions"
	operatesServer = "is for those who run the server"
	runsText       = "runs a text as a query"
)

// CheckQuery implements providers.QueryChecker.
func (*Provider) CheckQuery(text string) error { return checkCalls(text, refused, refusedFamilies) }

// CheckStrangersQuery implements providers.StrangerQueryChecker.
func (*Provider) CheckStrangersQuery(text string) error { return checkCalls(text, nil, runningText) }

func checkCalls(text string, names map[string]string, families []family) error {
	words, err := sqlgen.Words(text, (*Provider)(nil).QueryLexis())
	if err != nil {
		return err
	}
	for _, word := range words {
		if !word.Called {
			continue
		}
		if strings.Contains(word.Text, `\`) { // U&"…" spells any name
			return errors.New("it calls something by a name with a backslash")
		}
		reason := names[word.Text]
		for _, family := range families {
			if strings.HasPrefix(word.Text, family.prefix) {
				reason = family.reason
			}
		}
		if reason != "" {
			return fmt.Errorf("it calls %s, which %s", strings.ToLower(word.Text), reason)
		}
	}
	return nil
}
