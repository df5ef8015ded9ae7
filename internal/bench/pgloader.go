package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pgloader loads a CSV file into the table, and does nothing else: it compares
// nothing, and would stop at the first row that is there already.
// https://pgloader.io
func findPgloader() (string, error) { return exec.LookPath("pgloader") }

func (l *lab) pgloader(program, file string) (step, error) {
	list := strings.Join(columns, ", ")
	load := filepath.Join(l.dir, "pgloader-"+strings.TrimSuffix(filepath.Base(filepath.Dir(file)), ".csv")+".load")
	into := strings.Replace(l.database(runDatabase), "postgres://", "postgresql://", 1)
	text := fmt.Sprintf(`LOAD CSV FROM '%s' (%s)
INTO %s TARGET TABLE student (%s)
WITH skip header = 1, fields optionally enclosed by '"', fields terminated by ','
SET work_mem to '64MB';
`, file, list, into, list)
	return step{command: command{program: program, args: []string{"--quiet", load}, dir: l.dir}}, os.WriteFile(load, []byte(text), 0o600)
}
