// Package celcat makes a skeleton of a configuration of CELCAT Synchronisation's CTSyncConfig.xml. The layout of that file is not
// known: no element's name is taken to mean anything but what the word says. What can be told by content (a SELECT, a day, an hour)
// is put where it belongs, as a comment; everything else is listed, so that nothing of the file is lost.
package celcat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

// Result is a file of comments: a configuration that loads and does nothing.
type Result struct {
	Text []byte
	// Syncs is the number of commented syncs.
	Syncs int
	// Masked is the number of values that were left out, since they may be secret.
	Masked int
}

// Convert reads a file; name is how messages and the result call it. Its errors tell what is wrong with the file.
func Convert(name string, src []byte) (*Result, error) {
	root, err := parse(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k := &skeleton{used: map[*leaf]bool{}, labels: map[string]bool{}}
	k.leaves = root.all()
	var b strings.Builder
	b.WriteString(hcltext.Comment(head(name)))
	statements := k.statements()
	if len(statements) > maxStatements {
		return nil, fmt.Errorf("%s: the file holds more than %d queries", name, maxStatements)
	}
	for _, s := range statements {
		b.WriteString("\n" + k.sync(s))
		k.result.Syncs++
	}
	b.WriteString("\n" + k.rest())
	k.result.Text = hcltext.Format(b.String())
	return &k.result, nil
}

// maxStatements bounds the work: what stands beside each is looked at.
const maxStatements = 500

func head(name string) string {
	return fmt.Sprintf(`Written by registrar import-config celcat from %s. All of it is comment: it loads, and does nothing.

The layout of CTSyncConfig.xml is not documented, and nothing is known of it here. So this could not be told, and is yours to say:
- which element means what: values are shown by the path at which they stand in the file;
- the connections: write source and destination blocks (docs/providers.md), and passwords as sensitive variables;
- the destination's table, its key and columns, and the origin that marks the task's rows: see scope;
- what becomes of rows that the query no longer returns: see on_missing.
What was told is told by content: texts that begin with SELECT or WITH, and values that look like days, hours, weekdays or intervals.
registrar scaffold writes a sync's columns once both connections are there.`, hcltext.OneLine(name))
}

// skeleton is a file in the making.
type skeleton struct {
	leaves []*leaf
	used   map[*leaf]bool // those that stand in a sync
	labels map[string]bool
	result Result
}

// statement is a SELECT, or the three of one task.
type statement struct {
	*leaf
	// tasks are the leaves by what they are for: insert, update, delete; nil for one query.
	tasks map[string]*leaf
}

var (
	selects = regexp.MustCompile(`(?is)^(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:select|with)\s`)
	from    = regexp.MustCompile(`(?is)\bfrom\s+([\w."\[\]$#]+)`)
)

// taskWords are the words of a name that say which task a query is of, in English and French.
var taskWords = map[string][]string{
	"insert": {"insert", "inserts", "add", "adds", "added", "ajout", "ajouts", "ajouter", "insertion", "insertions", "create", "creation"},
	"update": {"update", "updates", "updated", "modification", "modifications", "modifier", "modify", "maj", "mise"},
	"delete": {"delete", "deletes", "deleted", "suppression", "suppressions", "supprimer", "remove", "removed", "deletion"},
}

var nameParts = regexp.MustCompile(`\p{Lu}?\p{Ll}+|\p{Lu}+|\p{N}+`)

// taskOf says by its name, or that of the element around it, what a query is for; "" where neither says so.
func taskOf(l *leaf) string {
	names := []string{l.called(), l.of.name}
	if l.of.parent != nil {
		names = append(names, l.of.parent.name)
	}
	for _, name := range names {
		for _, part := range nameParts.FindAllString(name, -1) {
			for task, words := range taskWords {
				if slices.Contains(words, hcltext.Bare(part)) {
					return task
				}
			}
		}
	}
	return ""
}

// statements finds the queries of the file, and takes those of one task together where their names say what they are for.
func (k *skeleton) statements() []statement {
	var out []statement
	taken := map[*leaf]bool{}
	for _, l := range k.leaves {
		if !selects.MatchString(l.value) || taken[l] || l.name == "comment()" {
			continue
		}
		s := statement{leaf: l}
		if group := k.group(l); group != nil {
			s.tasks = group
			for _, one := range group {
				taken[one] = true
			}
		}
		out = append(out, s)
	}
	return out
}

// group returns the queries beside one, by what they are for; nil where these are not two or three that each are for something else.
func (k *skeleton) group(l *leaf) map[string]*leaf {
	if taskOf(l) == "" {
		return nil
	}
	for around := l.of; around.parent != nil && around != l.of.parent.parent; around = around.parent {
		found := map[string]*leaf{}
		n := 0
		for _, other := range around.all() {
			if task := taskOf(other); selects.MatchString(other.value) && other.name != "comment()" {
				n++
				found[task] = other
			}
		}
		if _, unnamed := found[""]; n > 1 {
			if unnamed || len(found) != n {
				return nil
			}
			return found
		}
	}
	return nil
}

// task is the element that a query's times and names stand in: the nearest that is one of several.
func (s *statement) task() *element {
	for e := s.of; e.parent != nil; e = e.parent {
		if !e.alone && len(e.all()) > 1 {
			return e
		}
	}
	if s.of.parent != nil && s.of.parent.parent != nil {
		return s.of.parent
	}
	return s.of
}

// sync writes a commented sync.
func (k *skeleton) sync(s statement) string {
	task := s.task()
	label := hcltext.Unique(k.label(s, task), k.labels)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nsync %s {\n  source {\n    from = source.….…\n", s.of.path(), hcltext.Quote(label))
	if s.tasks == nil {
		b.WriteString("    query = " + k.query(s.leaf) + "\n")
	} else {
		b.WriteString("    queries {\n")
		for _, name := range []string{"insert", "update", "delete"} {
			if l, ok := s.tasks[name]; ok {
				fmt.Fprintf(&b, "      # %s\n      %s = %s\n", l.path(), name, k.query(l))
			}
		}
		b.WriteString("    }\n")
	}
	b.WriteString("  }\n\n  destination {\n    into  = destination.….…\n    table = \"…\"\n    key   = [\"…\"]\n    scope = { … = \"…\" } # the origin of the task\n  }\n\n")
	b.WriteString("  columns {\n    … = row.…\n  }\n")
	if s.tasks == nil {
		b.WriteString("\n  lifecycle {\n    on_missing = \"…\" # archive or delete: a general query did all three\n  }\n")
	} else if _, ok := s.tasks["delete"]; ok {
		b.WriteString("\n  lifecycle {\n    on_missing = \"…\" # archive or delete\n  }\n")
	}
	b.WriteString("}\n")
	b.WriteString(k.beside(task))
	return hcltext.Comment(strings.TrimSuffix(b.String(), "\n"))
}

// label names a sync by what the task is called, where something is, or by the query's table.
func (k *skeleton) label(s statement, task *element) string {
	for _, l := range task.all() {
		switch hcltext.Bare(l.called()) {
		case "name", "nom", "taskname", "title", "titre", "libelle", "label":
			if value := strings.TrimSpace(l.value); value != "" && len(value) <= 60 && !secret(l) {
				return hcltext.Label(value)
			}
		}
	}
	if m := from.FindStringSubmatch(s.value); m != nil {
		return hcltext.Label(m[1])
	}
	return "task"
}

// query writes a SELECT as it stands, unless it may hold a password.
func (k *skeleton) query(l *leaf) string {
	k.used[l] = true
	if secret(l) {
		k.result.Masked++
		return `"(masked: it may hold a password)"`
	}
	return hcltext.Heredoc(strings.TrimSpace(l.value))
}

// rest lists every leaf that stands in no sync.
func (k *skeleton) rest() string {
	var b strings.Builder
	b.WriteString(hcltext.Comment("The rest of the file, as PATH = VALUE:"))
	for _, l := range k.leaves {
		if k.used[l] {
			continue
		}
		value := strings.TrimSpace(l.value)
		if secret(l) {
			value = masked
			k.result.Masked++
		}
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value), "\n")
		b.WriteString(hcltext.Comment(l.path() + " = " + lines[0]))
		for _, line := range lines[1:] {
			b.WriteString(hcltext.Comment("  " + line))
		}
	}
	return b.String()
}
