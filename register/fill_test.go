package register_test

import (
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/register"
)

// fillOperations writes a person's documents per number, about 400 octets; the order of the keys is not
// that of the numbers.
const fillOperations = `INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after")
$numbers SELECT $plan, i, 'sync.people', 'person', CASE i % 4 WHEN 0 THEN 'insert' WHEN 1 THEN 'update' WHEN 2 THEN 'archive' ELSE 'undelete' END,
  $object('code', 'P' || (i * 2654435761 % 4294967291)),
  CASE WHEN i % 4 > 0 THEN $object('name', 'Name of person ' || i, 'mail', 'person' || i || '@example.org', 'room', 'B-' || (i % 977), 'phone', '+41 44 ' || i, 'born', '1990-01-01') END,
  $object('name', 'Another name of person ' || i, 'mail', 'person' || i || '@example.org', 'room', 'C-' || (i % 977), 'phone', '+41 44 ' || i, 'born', '1990-01-01')
FROM n`

// fill writes n operations of a plan.
func (w *world) fill(planID string, n int64) {
	w.Helper()
	numbers, object := "WITH RECURSIVE n(i) AS (SELECT $from UNION ALL SELECT i + 1 FROM n WHERE i < $to)", "json_object"
	if w.engine == "postgres" {
		numbers, object = "WITH n(i) AS (SELECT generate_series($from::bigint, $to))", "json_build_object"
	}
	w.exec(strings.NewReplacer("$plan", "'"+planID+"'", "$from", "1", "$to", strconv.FormatInt(n, 10), "$object", object).
		Replace(strings.Replace(fillOperations, "$numbers", numbers, 1)))
}

// filled makes a register with the plan p of n operations.
func (w *world) filled(n int64) register.SyncSummary {
	w.Helper()
	w.init(false)
	w.fill("p", n)
	if w.engine == "postgres" {
		w.exec("ANALYZE {operation}")
	}
	return register.SyncSummary{Sync: "sync.people", LastSeq: n}
}
