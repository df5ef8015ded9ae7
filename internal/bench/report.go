package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// report is text and tables, in order.
type report struct{ sections []section }

type section struct {
	title string
	text  []string // paragraphs above the table
	rows  [][]string
}

// machine is where it was measured.
type machine struct{ processor, memory, postgres, system string }

func (l *lab) describe(ctx context.Context) (machine, error) {
	m := machine{processor: "unknown processor", memory: "unknown memory", system: runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version()}
	m.processor = firstField("/proc/cpuinfo", "model name", m.processor)
	if kilobytes, err := strconv.Atoi(strings.TrimSuffix(firstField("/proc/meminfo", "MemTotal", ""), " kB")); err == nil {
		m.memory = fmt.Sprintf("%d GB of memory", (kilobytes+1<<19)>>20)
	}
	return m, l.admin.QueryRow(ctx, "SELECT split_part(version(), ' on ', 1)").Scan(&m.postgres)
}

// firstField returns what a file says behind a name and a colon.
func firstField(file, name, otherwise string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return otherwise
	}
	for line := range strings.Lines(string(text)) {
		if field, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(field) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}

func (f *findings) report(m machine, date time.Time) *report {
	r := &report{}
	command := "make bench"
	if len(f.options.args) > 0 {
		command += fmt.Sprintf(" BENCHFLAGS='%s'", strings.Join(f.options.args, " "))
	}
	r.sections = append(r.sections, section{title: "Measured", text: []string{
		fmt.Sprintf("%s, %s, %d cores, %s, %s, %s. Command: `%s`.", date.UTC().Format(time.DateOnly), m.processor, runtime.NumCPU(), m.memory, m.postgres, m.system, command),
		"CPU is that of client and server together, in seconds. Ratios are to the first line of a table. MB are the largest resident size of the client's process. " +
			"Up to 100,000 rows the median of several runs is shown, above that one run, or the cheaper of two.",
	}})
	r.sections[0].text = append(r.sections[0].text, f.notes...)
	if goals := f.goals(); len(goals) > 0 {
		s := section{title: "Goals", rows: [][]string{{"goal", "must", "aim", "measured", ""}}}
		for _, g := range goals {
			s.rows = append(s.rows, g.row())
		}
		r.sections = append(r.sections, s)
	}
	for _, b := range f.bouts {
		r.append(b.section())
	}
	return r.append(f.decodedSection(), f.smallSection(), f.memorySection())
}

// append adds the sections that hold anything.
func (r *report) append(sections ...section) *report {
	for _, s := range sections {
		if len(s.rows) > 1 {
			r.sections = append(r.sections, s)
		}
	}
	return r
}

func (b *bout) section() section {
	s := section{
		title: b.title(), text: b.notes,
		rows: [][]string{{"", "CPU", "÷ limit", "client", "server", "wall", "÷ limit", "MB"}},
	}
	base := b.contenders[0]
	if len(base.runs) == 0 {
		return s
	}
	of := total(base.typical())
	line := func(name string, u usage) {
		s.rows = append(s.rows, []string{
			name, seconds(u.cpu()), ratio(u.cpu(), of.cpu()), seconds(u.client), seconds(u.server),
			seconds(u.wall), ratio(u.wall, of.wall), megabytes(u.peak),
		})
	}
	for _, c := range b.contenders {
		if len(c.runs) == 0 {
			continue
		}
		run := c.typical()
		for i, step := range c.steps {
			line(joinNonEmpty(c.name, step.name), run[i])
		}
		if len(run) > 1 {
			line(c.name+", plan + apply", total(run))
		}
	}
	return s
}

func (f *findings) decodedSection() section {
	s := section{
		title: "Decoded rows, five expressions per row, from a source that costs nothing",
		text: []string{"Rows per second of one core: of the client alone, and of client and server together. " +
			"Staged only: a plan that ends when all rows are mapped and staged, and their keys checked. Nothing to do: one that compares them, too. " +
			"First load: one that also writes every row into the register. In SQLite the client is the server."},
		rows: [][]string{{"", "rows", "client", "client + server", "MB"}},
	}
	for _, r := range f.decoded {
		for _, p := range []struct {
			name string
			usage
		}{{"staged only", r.staged}, {"nothing to do", r.settled}, {"first load", r.first}} {
			s.rows = append(s.rows, []string{
				"into " + r.into + ", plan, " + p.name, thousands(r.rows), perSecond(r.rows, p.client), perSecond(r.rows, p.cpu()), megabytes(p.peak),
			})
		}
	}
	return s
}

func (f *findings) smallSection() section {
	s := section{
		title: "Small syncs in one plan",
		text:  []string{fmt.Sprintf("%s rows each, from four sources, 2 %% changed, PostgreSQL to PostgreSQL. Start-up and all else included.", thousands(smallRows))},
		rows:  [][]string{{"", "syncs", "CPU", "CPU per sync", "wall", "wall per sync", "MB"}},
	}
	for _, r := range f.small {
		line := func(name string, u usage) {
			s.rows = append(s.rows, []string{
				name, strconv.Itoa(r.syncs), seconds(u.cpu()), milliseconds(u.cpu(), r.syncs), seconds(u.wall), milliseconds(u.wall, r.syncs), megabytes(u.peak),
			})
		}
		line(fmt.Sprintf("plan --parallelism %d", r.parallelism), r.plan)
		line("apply", r.apply)
	}
	return s
}

func (f *findings) memorySection() section {
	s := section{title: "Memory of the client", text: []string{"The largest resident size, in MB."}, rows: [][]string{{"", "rows", "plan", "apply"}}}
	line := func(name string, rows int, run []usage) {
		cells := []string{name, thousands(rows), "", ""}
		for i, u := range run {
			cells[2+i] = megabytes(u.peak)
		}
		s.rows = append(s.rows, cells)
	}
	for _, name := range []string{nameRegistrar, nameFromCSV} {
		for _, b := range f.bouts {
			if c := b.find(name); c != nil {
				line(fmt.Sprintf("%s into %s, %s", name, b.into, b.scenario.title), b.rows, c.typical())
			}
		}
	}
	for _, rows := range slices.Sorted(maps.Keys(f.memory)) {
		line("registrar into PostgreSQL, first load", rows, []usage{f.memory[rows]})
	}
	return s
}

// write writes the report as aligned text or as Markdown.
func (r *report) write(w io.Writer, markdown bool) error {
	for _, s := range r.sections {
		heading := s.title + "\n" + strings.Repeat("=", len([]rune(s.title)))
		if markdown {
			heading = "## " + s.title
		}
		if _, err := fmt.Fprintf(w, "%s\n\n", heading); err != nil {
			return err
		}
		for _, t := range s.text {
			fmt.Fprintf(w, "%s\n\n", t)
		}
		if len(s.rows) > 0 {
			if markdown {
				writeMarkdown(w, s.rows)
			} else {
				writeAligned(w, s.rows)
			}
			fmt.Fprintln(w)
		}
	}
	return nil
}

func writeMarkdown(w io.Writer, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
}

func writeAligned(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	_ = t.Flush() // what people read, as fmt.Fprintln
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) }

func milliseconds(d time.Duration, n int) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000/float64(n), 'f', 1, 64) + " ms"
}

// megabytes is "" where the size is not known.
func megabytes(octets int64) string {
	if octets == 0 {
		return ""
	}
	return strconv.FormatInt(octets>>20, 10)
}

// ratio is "" where the system does not tell one of the two.
func ratio(d, of time.Duration) string {
	if d == 0 || of == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(d)/float64(of), 'f', 2, 64)
}

func perSecond(rows int, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%dk", int(float64(rows)/d.Seconds()/1000))
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func joinNonEmpty(name, step string) string {
	if step == "" {
		return name
	}
	return name + ", " + step
}
