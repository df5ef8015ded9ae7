package mysql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// lexis is how a server reads a query under the session's SQL mode (sqlMode).
func lexis() sqlgen.Lexis {
	return sqlgen.Lexis{Backticks: true, Backslashes: true, HashComments: true, SpacedDashes: true, ExecutableComments: true}
}

// quote quotes a name.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// refusedFunctions do more than compute: they wait, lock, count on, or read the server's files.
var refusedFunctions = map[string]bool{
	"SLEEP": true, "BENCHMARK": true,
	"GET_LOCK": true, "RELEASE_LOCK": true, "RELEASE_ALL_LOCKS": true,
	"LOAD_FILE": true,
	"NEXTVAL":   true, "SETVAL": true,
	"MASTER_POS_WAIT": true, "MASTER_GTID_WAIT": true, "SOURCE_POS_WAIT": true,
	"WAIT_FOR_EXECUTED_GTID_SET": true, "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS": true,
}

// checkQuery refuses what a read-only transaction allows and a source must not do.
// SELECT … INTO and FOR UPDATE are refused before, by sqlgen.CheckSelect.
func checkQuery(text string) error {
	words, err := sqlgen.Words(text, lexis())
	if err != nil {
		return err
	}
	for i, word := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1].Text
		}
		switch {
		case word.Called && refusedFunctions[word.Text]:
			return fmt.Errorf("it calls %s", word.Text)
		case word.Text == "FOR" && next == "SHARE", word.Text == "LOCK" && next == "IN":
			return fmt.Errorf("it locks what it reads (%s %s)", word.Text, next)
		case (word.Text == "NEXT" || word.Text == "PREVIOUS") && next == "VALUE":
			return fmt.Errorf("it takes a number from a sequence (%s %s)", word.Text, next)
		case word.Text == "ROWS" && next == "EXAMINED":
			return errors.New("LIMIT ROWS EXAMINED ends the result early, and what is missing would be taken for removed")
		case word.Text == "PROCEDURE" && next == "ANALYSE":
			return fmt.Errorf("it runs a procedure (%s %s)", word.Text, next)
		}
	}
	return nil
}
