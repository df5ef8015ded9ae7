package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	// entryStart is where an entry of the server's log starts, behind the name of its
	// database. Statements have lines of their own.
	entryStart = regexp.MustCompile(`(?m)^(\w*)\|[A-Z]+:`)
	// logged is a statement with its duration. A statement is parsed, bound and
	// executed, of which each is an entry.
	logged = regexp.MustCompile(`(?s)duration: ([0-9.]+) ms  (?:(?:statement|execute [^:]*|bind [^:]*|parse [^:]*): )(.*)`)
)

// shown is how much of a statement a line shows.
const shown = 160

// profile says which statements of a plan and an apply take how long in the server:
// where to look when a goal is missed. Durations are wall times, and those of
// connections that work at the same time overlap.
func (s *session) profile(ctx context.Context, stdout io.Writer) error {
	if err := s.makeEmpty(ctx); err != nil {
		return err
	}
	bouts, err := s.postgresBouts(ctx, slices.Max(s.options.rows), s.options)
	if err != nil {
		return err
	}
	if err := execute(ctx, s.admin, "ALTER SYSTEM SET log_min_duration_statement = 0", "ALTER SYSTEM SET log_line_prefix = '%d|'", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for _, b := range bouts {
		for _, c := range b.contenders {
			if c.name != nameLimit && c.name != nameCopy && c.name != nameRegistrar && c.name != nameFromCSV {
				continue
			}
			if err := b.fresh(ctx); err != nil {
				return err
			}
			for _, step := range c.steps {
				from, err := s.logSize(ctx)
				if err != nil {
					return err
				}
				u, err := s.measure(ctx, step.command)
				if err != nil {
					return err
				}
				statements, err := s.logSince(ctx, from)
				if err != nil {
					return err
				}
				fmt.Fprintf(stdout, "%s: %s: client %s s, server %s s, wall %s s\n", b.title(), joinNonEmpty(c.name, step.name), seconds(u.client), seconds(u.server), seconds(u.wall))
				for _, x := range statements[:min(len(statements), 16)] {
					fmt.Fprintf(stdout, "  %8.0f ms  %4d×  %s\n", float64(x.total.Microseconds())/1000, x.times, x.text)
				}
				fmt.Fprintln(stdout)
			}
		}
	}
	return nil
}

// The log lies beside the server's data.
const logFile = "current_setting('data_directory') || '/../log'"

func (s *session) logSize(ctx context.Context) (size int64, err error) {
	err = s.admin.QueryRow(ctx, "SELECT (pg_stat_file("+logFile+")).size").Scan(&size)
	return size, err
}

type statement struct {
	text  string
	times int
	total time.Duration
}

// logSince returns the statements logged behind an offset, the longest first.
func (s *session) logSince(ctx context.Context, from int64) ([]statement, error) {
	size, err := s.logSize(ctx)
	if err != nil {
		return nil, err
	}
	var text string
	if err := s.admin.QueryRow(ctx, "SELECT pg_read_file("+logFile+", $1, $2)", from, size-from).Scan(&text); err != nil {
		return nil, err
	}
	byText := map[string]*statement{}
	starts := entryStart.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		match := logged.FindStringSubmatch(text[at[0]:end])
		if match == nil || !strings.HasPrefix(text[at[2]:at[3]], "bench_") {
			continue
		}
		milliseconds, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			return nil, err
		}
		key := strings.Join(strings.Fields(match[2]), " ")
		if runes := []rune(key); len(runes) > shown {
			key = string(runes[:shown]) + "…"
		}
		if byText[key] == nil {
			byText[key] = &statement{text: key}
		}
		byText[key].times++
		byText[key].total += time.Duration(milliseconds * float64(time.Millisecond))
	}
	out := make([]statement, 0, len(byText))
	for _, x := range byText {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b statement) int { return cmp.Compare(b.total, a.total) })
	return out, nil
}
