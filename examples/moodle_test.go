package examples_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/pgtest"
)

// moodle is the example, with the portal as its destination, and the platform.
type moodle struct {
	*world
	platform *world // of which only the connection is used
}

func onMoodle(t testing.TB) *moodle {
	t.Helper()
	database, url := mysqltest.New(t), pgtest.New(t)
	w := &world{TB: t, dir: extract(t, "moodle"), now: september}
	w.environ = []string{
		"REGISTRAR_VAR_moodle_host=" + database.Host, fmt.Sprint("REGISTRAR_VAR_moodle_port=", database.Port), "REGISTRAR_VAR_moodle_database=" + database.Name,
		"REGISTRAR_VAR_moodle_user=" + database.User, "REGISTRAR_VAR_moodle_password=" + database.Password, "REGISTRAR_VAR_portal_url=" + url,
	}
	w.destination = w.open("pgx", url)
	w.script("setup.sql")

	config := database.Config()
	config.MultiStatements = true
	connector, err := mysql.NewConnector(config)
	w.must(err)
	platform := &world{TB: t, destination: sql.OpenDB(connector)}
	t.Cleanup(func() { platform.destination.Close() })
	platform.exec(readFile(t, filepath.Join(w.dir, "setup-source.sql")))
	return &moodle{world: w, platform: platform}
}

const (
	moodleAccounts = `SELECT login, moodle_id, first_name, last_name, email, suspended,
		to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), to_char(last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), gone_on IS NOT NULL
		FROM portal.account ORDER BY login`
	moodleCohorts = "SELECT idnumber, name, visible, component, timecreated, timemodified FROM mdl_cohort WHERE component <> '' ORDER BY idnumber"
	moodleMembers = `SELECT c.name, u.username, m.timeadded FROM mdl_cohort_members m JOIN mdl_cohort c ON c.id = m.cohortid JOIN mdl_user u ON u.id = m.userid
		ORDER BY c.id, u.username`
)

func TestMoodle(t *testing.T) {
	t.Parallel()
	w := onMoodle(t)
	w.run(map[string]counts{
		"sync.accounts":        {"insert": 3, "update": 1, "archive": 1},
		"sync.cohorts_by_hand": {"insert": 2},
		"sync.cohorts":         {"insert": 1, "update": 1},
		"sync.cohort_members":  {"insert": 2, "delete": 1},
	})
	w.want(moodleAccounts,
		"enoel|2|Élise|Noël|elise.noel@etu.univ-exemple.fr|false|2023-09-01 00:00:00|2026-09-06 07:00:00|false",
		"mstrauss|4|Mia|Strauß|∅|false|2024-09-01 00:00:00|2026-03-29 01:30:00|false",
		"old.account|5|Nobody|Anymore|∅|false|2020-09-13 12:26:40|∅|true",
		"tbakkali|3|Tarik 🎓|Bakkali|tarik.bakkali@etu.univ-exemple.fr|false|2024-09-01 00:00:00|∅|false",
		"zlefevre|4294967296|Zoé|Lefèvre|zoe.lefevre@etu.univ-exemple.fr|false|2025-09-01 00:00:00|2026-09-06 07:00:00|false",
	)
	w.want("SELECT cohort_id, login, cohort FROM portal.cohort_by_hand ORDER BY login", "10|enoel|Délégués", "10|tbakkali|Délégués")
	w.platform.want(moodleCohorts,
		"HI1-A|Groupe Élise|1|local_registrar|1756684800|1788242400",
		"MA1-A|Groupe Ω ∑ 🧮|1|local_registrar|1788242400|1788242400",
	)
	w.platform.want(moodleMembers,
		"Délégués|enoel|1725200000", "Délégués|tbakkali|1725200000",
		"Groupe Élise|enoel|1756684800", "Groupe Élise|tbakkali|1788242400",
		"Groupe Ω ∑ 🧮|zlefevre|1788242400",
	)

	// The next night, on both sides: names differ by case and accents alone, a group is
	// closed, somebody has an account at last, who was deleted is back.
	w.platform.exec("UPDATE mdl_user SET firstname = 'ELISE' WHERE id = 2")
	w.platform.exec("UPDATE mdl_user SET deleted = 0 WHERE id = 5")
	w.platform.exec("INSERT INTO mdl_user (auth, mnethostid, username, firstname, lastname, timecreated) VALUES ('cas', 1, 'nobody', 'Uma 👩🏽‍🚀', 'Œrsted', 1788652800)")
	w.exec("UPDATE portal.course_group SET name = 'GROUPE ELISE' WHERE code = 'HI1-A'")
	w.exec("UPDATE portal.course_group SET closed_on = NULL WHERE code = 'GE1-A'")
	w.exec("DELETE FROM portal.course_group_member WHERE login = 'zlefevre'")
	w.again(map[string]counts{
		"sync.accounts":        {"insert": 1, "update": 1, "undelete": 1},
		"sync.cohorts_by_hand": {},
		"sync.cohorts":         {"insert": 1, "update": 1},
		"sync.cohort_members":  {"insert": 1, "delete": 1},
	})
	w.want("SELECT login, first_name, gone_on IS NULL FROM portal.account WHERE login IN ('enoel', 'nobody', 'old.account') ORDER BY login",
		"enoel|ELISE|true", "nobody|Uma 👩🏽‍🚀|true", "old.account|Nobody|true")
	w.platform.want("SELECT idnumber, hex(name) = hex('GROUPE ELISE') FROM mdl_cohort WHERE component <> '' ORDER BY idnumber", "GE1-A|0", "HI1-A|1", "MA1-A|0")
	w.platform.want("SELECT username FROM mdl_cohort_members m JOIN mdl_user u ON u.id = m.userid JOIN mdl_cohort c ON c.id = m.cohortid WHERE c.idnumber = 'MA1-A'", "nobody")

	// A group that is closed hides its cohort; its members go.
	w.exec("UPDATE portal.course_group SET closed_on = '2026-09-08' WHERE code = 'MA1-A'")
	w.again(map[string]counts{
		"sync.accounts":        {},
		"sync.cohorts_by_hand": {},
		"sync.cohorts":         {"archive": 1},
		"sync.cohort_members":  {"delete": 1},
	})
	w.platform.want("SELECT idnumber FROM mdl_cohort WHERE visible = 0", "MA1-A")
}
