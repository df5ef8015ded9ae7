package mssql_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// TestRefusedQueries: what would do more than read never reaches the server.
func TestRefusedQueries(t *testing.T) {
	attempts := []string{
		"DELETE FROM t", "", "  -- nothing", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM t",
		// No semicolon is needed.
		"SELECT 1 DELETE FROM t", "SELECT 1 delete t", "SELECT a FROM t UPDATE t SET a = 1", "SELECT 1 INSERT t VALUES (1)", "SELECT 1\nTRUNCATE TABLE t",
		"SELECT 1 DROP TABLE t", "SELECT 1 MERGE t USING s ON 1 = 1 WHEN MATCHED THEN DELETE;", "SELECT 1/**/DELETE/**/FROM t", "SELECT(1)DELETE FROM t", "SELECT'a'DELETE FROM t",
		"SELECT [a]DELETE FROM t", "SELECT \"a\"DELETE FROM t", "SELECT 1DELETE FROM t", "SELECT 1.DELETE FROM t", "SELECT 1e DELETE FROM t", "SELECT 0xDELETE FROM t",
		"SELECT 1 COMMIT DELETE FROM t", "SELECT 1 ROLLBACK", "SELECT 1 BEGIN DELETE FROM t END", "SELECT 1 SAVE TRANSACTION s", "SELECT 1 IF 1 = 1 DELETE FROM t",
		"SELECT 1 WHILE 1 = 1 DELETE FROM t", "SELECT 1 WAITFOR DELAY '01:00'", "SELECT 1 SHUTDOWN", "SELECT 1 USE master", "SELECT 1 KILL 51", "SELECT 1 DBCC CHECKDB",
		"SELECT 1 SET IDENTITY_INSERT t ON", "SELECT 1 DECLARE x CURSOR FOR SELECT 1", "SELECT 1 FETCH NEXT FROM x", "SELECT 1 OPEN x", "SELECT 1 PRINT 'a'", "SELECT 1 GOTO x",
		"SELECT 1 GRANT SELECT ON t TO public", "SELECT 1 DENY SELECT ON t TO public", "SELECT 1 REVERT", "SELECT 1 BACKUP DATABASE d TO DISK = 'x'", "SELECT 1 RECONFIGURE",
		"SELECT 1 BULK INSERT t FROM 'x'", "SELECT 1 WRITETEXT t.a 'x' 'y'", "SELECT 1 END CONVERSATION 'x'", "SELECT 1 RETURN", "SELECT 1 DISABLE TRIGGER a ON t",
		// A table made by reading; procedures; other servers; sequences.
		"SELECT * INTO u FROM t", "WITH c AS (SELECT 1 AS a) SELECT a INTO u FROM c", "WITH c AS (SELECT a FROM t) DELETE FROM c", "SELECT 1 EXEC sp_who", "SELECT 1 EXECUTE ('DELETE FROM t')",
		"EXEC sp_who", "sp_who", "[sp_who]", "dbo.sp_who", "SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'DELETE FROM t')", "SELECT * FROM OPENROWSET(BULK 'c:\\x', SINGLE_CLOB) AS x",
		"SELECT * FROM OPENQUERY(other, 'DELETE FROM t')", "SELECT * FROM OPENDATASOURCE('x', 'y').a.b.c", "SELECT NEXT VALUE FOR s", "SELECT NEXT /* */ VALUE FOR s",
		"SELECT * FROM (DELETE FROM t OUTPUT deleted.*) AS x", "SELECT @@version", "SELECT @a = 1", "SELECT * FROM #t", "SELECT * FROM ##t", "SELECT $action",
		// Hidden from one reader, and not from the other.
		"SELECT [a]]'] ; DELETE FROM t --'", "SELECT [a]]'] DELETE FROM t --'", "SELECT \"a\"\"'\" DELETE FROM t --'", "SELECT '/*' DELETE FROM t --*/'",
		"SELECT 1 /* */ DELETE FROM t --*/", "SELECT 1 /* /* */ */ DELETE FROM t", "SELECT 1 -- '\nDELETE FROM t --'", "SELECT 1 -- \rDELETE FROM t", "SELECT 'a\\' DELETE FROM t --'",
		"SELECT 1\u00a0DELETE FROM t", "SELECT 1 \uff24\uff25\uff2c\uff25\uff34\uff25 FROM t", "SELECT 1\u2028DELETE FROM t", "SELECT 1 \x00 DELETE FROM t", "SELECT 1 DELETE\u200b FROM t",
		"SELECT $$'$$ DELETE FROM t --'", "SELECT `'` DELETE FROM t --'", "SELECT N'a' DELETE FROM t", "SELECT {d '2026-01-01'} DELETE FROM t", "SELECT 1 :x DELETE FROM t",
		// An amount of money ends where its digits do.
		"SELECT £1DELETE FROM t", "SELECT €1DELETE FROM t", "SELECT ¤1DROP TABLE t", "SELECT x = £1INTO newtable FROM t", "SELECT a, ¥DELETE FROM t", "SELECT 1 AS a£1DELETE FROM t", "SELECT ﷼1DELETE FROM t",
		// Files, and other servers.
		"SELECT * FROM sys.fn_trace_gettable('c:\\x', 1)", "SELECT * FROM sys.[fn_trace_gettable]('c:\\x', 1)", "SELECT * FROM \"fn_trace_gettable\" ('c:\\x', 1)", "SELECT * FROM fn_xe_file_target_read_file('x', NULL, NULL, NULL)",
		"SELECT * FROM sys.Fn_Get_Audit_File('x', NULL, NULL)", "SELECT * FROM sys.dm_os_file_exists('x')", "SELECT * FROM [sys].[dm_os_enumerate_filesystem]/**/('c:\\', '*')",
		"SELECT * FROM other.d.dbo.t", "SELECT * FROM [other].[d].[dbo].[t]", "SELECT * FROM other...t", "SELECT * FROM other.d..t AS x", "SELECT * FROM t JOIN other . d . dbo . t AS x ON 1 = 1", "SELECT other.d.dbo.t.a FROM t",
		// What skips rows, or stops others.
		"SELECT * FROM t WITH ([nolock])", "SELECT * FROM t WITH (INDEX(1), \"NOLOCK\")", "SELECT * FROM t ([readpast])", "SELECT * FROM t TABLESAMPLE (10 PERCENT)", "SELECT * FROM t TABLESAMPLE SYSTEM (10 ROWS)",
		"SELECT * FROM t WITH (NOLOCK)", "SELECT * FROM t (nolock)", "SELECT * FROM t WITH (READUNCOMMITTED)", "SELECT * FROM t WITH (READPAST)", "SELECT * FROM t WITH (TABLOCKX)",
		"SELECT * FROM t WITH (UPDLOCK, HOLDLOCK)", "SELECT a FROM t ORDER BY a COMPUTE SUM(a)",
	}
	server, attributes := serve(t, mssqltest.Config{}, &database{})
	snapshot := snapshotOf(t, attributes)
	before := len(server.Requests())
	for _, query := range attempts {
		_, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query, Params: []providers.Param{{Name: "x", Value: value.OfInt(1)}}}))
		if err == nil || !strings.Contains(err.Error(), "the query is not one SELECT") && !strings.Contains(err.Error(), "the query may not be run on a source") {
			t.Errorf("%s: %v", query, err)
		}
	}
	for _, r := range server.Requests()[before:] {
		t.Errorf("sent: %s", r.SQL)
	}
}

// TestAcceptedQueries: what only looks like one of the above.
func TestAcceptedQueries(t *testing.T) {
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}}
	}})
	snapshot := snapshotOf(t, attributes)
	for query, sent := range map[string]string{
		"SELECT [delete], [t].[set] AS \"update\" FROM dbo.[into]":                                           "",
		"SELECT 'DELETE FROM t', N'it''s; EXEC' AS a":                                                        "",
		"SELECT CASE WHEN a IS NULL THEN 1 ELSE 2 END FROM t":                                                "",
		"SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY":                                   "",
		"SELECT a FROM t ORDER BY a OFFSET 0 ROW FETCH FIRST 1 ROW ONLY":                                     "",
		"SELECT a FROM t OPTION (USE HINT('DISABLE_OPTIMIZED_NESTED_LOOP'), RECOMPILE)":                      "",
		"SELECT a FROM t OPTION (RECOMPILE, USE PLAN N'x')":                                                  "",
		"WITH c AS (SELECT DATEADD(day, 1, updated_at) AS a FROM t) SELECT a FROM c;":                        "WITH c AS (SELECT DATEADD(day, 1, updated_at) AS a FROM t) SELECT a FROM c",
		"SELECT a, COUNT(*) AS n FROM t GROUP BY GROUPING SETS ((a), ()) -- DELETE":                          "SELECT a, COUNT(*) AS n FROM t GROUP BY GROUPING SETS ((a), ())          ",
		"SELECT /* EXEC /* nested */ it''s */ a FROM t":                                                      "SELECT                               a FROM t",
		"SELECT [nolock], t.[readpast] FROM d.dbo.t AS t WITH (INDEX([ix]))":                                 "",
		"SELECT dbo.place.spot.STAsText() AS a, 1.5 AS b, t.*, .5 AS c FROM d..place":                        "",
		"SELECT j.[set] FROM OPENJSON('[]') WITH ([set] int '$.a', [tablesample] int) AS j":                  "",
		"SELECT next, value FROM t WHERE é = 1":                                                              "",
		"SELECT a FROM t AS x WITH (INDEX(1)) WHERE EXISTS (SELECT 1 FROM u WHERE u.a % 2 = x.a) ORDER BY 1": "",
	} {
		if sent == "" {
			sent = query
		}
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: query})); err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		requests := server.Requests()
		if got := requests[len(requests)-1]; got.SQL != sent || got.Kind != mssqltest.Batch {
			t.Errorf("sent %q, expected %q", got.SQL, sent)
		}
	}
}
