package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/suggest"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

type doctorOptions struct {
	json, detailed bool
	planOnly       bool
	speculative    bool
	timeout        time.Duration
	addresses      []string // none: all
}

const defaultDoctorTimeout = 20 * time.Second

func (a *app) doctorCommand() *cobra.Command {
	var o doctorOptions
	c := a.command(&cobra.Command{
		Use:   "doctor [ADDRESS…] [--plan-only] [--speculative] [--timeout DURATION] [--detailed-exitcode] [--json]",
		Short: "Examine the connections, and say what to do about what is wrong",
		Long: `Examines each connection of the configuration, or those named, such as
source.postgres.hr: whether it can be reached, its version, encryption, charset,
time zone and clock, the tables that the configuration names, the privileges held
against those needed, and the register. No table is written, and no rows are read.

A line each: ✓ is as it should be, ! works, but not as it should, ✗ keeps a plan or
an apply from working. Behind → stands what to do.

With --speculative the configuration is taken for a stranger's, as for plan
--speculative: where the operator's policy does not let it, it connects to nothing.

Exits with 0, also after warnings; with 1 after an error or a problem; and, only
with --detailed-exitcode, with 2 if there are warnings and no problem.`,
	}, func(ctx context.Context, args []string) error {
		o.addresses = args
		return a.doctor(ctx, o)
	})
	c.Flags().BoolVar(&o.planOnly, "plan-only", false, "ask for the privileges of a role that plans, and never applies")
	c.Flags().BoolVar(&o.speculative, "speculative", false, "take the configuration for one under review, as plan --speculative does")
	c.Flags().DurationVar(&o.timeout, "timeout", defaultDoctorTimeout, "wait at most `DURATION` for each connection")
	c.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are warnings and no problem")
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	return c
}

func (a *app) doctor(ctx context.Context, o doctorOptions) error {
	a.json, a.untrusted = o.json, o.speculative
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout %s: must be positive", o.timeout)
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	patients, err := patientsOf(cfg, o.addresses)
	if err != nil {
		return err
	}
	examined := make([]view.Examined, len(patients))
	for i := range a.examineAll(ctx, cfg, patients, o, examined) {
		if !o.json {
			a.out().Examined(&examined[i])
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.json {
		if err := a.out().DiagnosisJSON(examined, a.warnings, a.files); err != nil {
			return err
		}
	} else {
		a.out().Diagnosis(examined)
	}
	return doctorCode(examined, o)
}

func doctorCode(examined []view.Examined, o doctorOptions) error {
	has := func(state view.FindingState) bool {
		return slices.ContainsFunc(examined, func(e view.Examined) bool { return e.Count(state) > 0 })
	}
	switch {
	case has(view.FindingProblem):
		return codeError(exitError)
	case o.detailed && has(view.FindingWarning):
		return codeError(exitChanges)
	default:
		return nil
	}
}

// patient is a connection to examine.
type patient struct {
	*config.Connection
	kind string // source or destination
}

// patientsOf lists the connections in the order of the files: all, or those with some addresses.
func patientsOf(cfg *config.Config, addresses []string) ([]patient, error) {
	var all []patient
	for _, c := range cfg.Sources {
		all = append(all, patient{c, "source"})
	}
	for _, c := range cfg.Destinations {
		all = append(all, patient{c, "destination"})
	}
	slices.SortStableFunc(all, func(x, y patient) int {
		return cmp.Or(cmp.Compare(x.Range.File, y.Range.File), cmp.Compare(x.Range.Start.Byte, y.Range.Start.Byte))
	})
	if len(addresses) == 0 {
		return all, nil
	}
	known := make([]string, len(all))
	for i, p := range all {
		known[i] = p.Address
	}
	for _, address := range addresses {
		if !slices.Contains(known, address) {
			return nil, fmt.Errorf("the configuration has no connection %q.%s", address, suggest.Question(address, known))
		}
	}
	return slices.DeleteFunc(all, func(p patient) bool { return !slices.Contains(addresses, p.Address) }), nil
}

// examineAll examines connections side by side, and yields the index of each in their order as soon
// as it and those before it are done. When the loop ends, nothing is under way any more. After an
// interruption it yields no more.
func (a *app) examineAll(ctx context.Context, cfg *config.Config, patients []patient, o doctorOptions, into []view.Examined) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer cancel()
		done := make([]chan struct{}, len(patients))
		for i := range done {
			done[i] = make(chan struct{})
		}
		all := make([]*examination, len(patients))
		for i := range all {
			all[i] = &examination{app: a, cfg: cfg, patient: patients[i], options: o}
		}
		var next atomic.Int64
		for range min(a.global.parallelism, len(patients)) {
			workers.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(patients); i = int(next.Add(1)) - 1 {
					all[i].run(ctx)
					close(done[i])
				}
			})
		}
		for i := range patients {
			<-done[i]
			if first := slices.IndexFunc(all[:i], func(e *examination) bool { return e.identity == all[i].identity }); all[i].identity != "" && first >= 0 {
				all[i].shares(all[first])
			}
			into[i] = all[i].shown()
			if ctx.Err() != nil || !yield(i) {
				return
			}
		}
	}
}

// examination is that of one connection.
type examination struct {
	*app
	patient
	cfg       *config.Config
	options   doctorOptions
	findings  []providers.Finding
	identity  string // of the destination's register; "" where none was read
	publisher bool
}

// shares reports that an earlier destination has the same register.
func (e *examination) shares(with *examination) {
	remedy := "use one destination block for both"
	if e.publisher && with.publisher {
		remedy = "give each of them a register of its own: set register in one of the blocks"
	}
	e.problem("register", "the same as that of "+with.Address, remedy)
}

func (e *examination) run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.options.timeout)
	defer cancel()
	i := slices.IndexFunc(e.env.Providers, func(p providers.Provider) bool {
		_, source := p.(providers.SourceProvider)
		_, destination := p.(providers.DestinationProvider)
		return p.Name() == e.Provider && (e.kind == "source" && source || e.kind == "destination" && destination)
	})
	if i < 0 { // the configuration was refused before
		e.problem("connection", fmt.Sprintf("provider %q cannot be a %s", e.Provider, e.kind), "")
		return
	}
	switch p := e.env.Providers[i]; e.kind {
	case "source":
		e.source(ctx, p)
	default:
		e.destination(ctx, p)
	}
}

func (e *examination) shown() view.Examined {
	out := view.Examined{Address: e.Address, Kind: e.kind, Provider: e.Provider, Findings: make([]view.Finding, len(e.findings))}
	for i, f := range e.findings {
		out.Findings[i] = view.Finding{Subject: f.Subject, State: view.FindingState(f.State), Found: f.Found, Remedy: f.Remedy}
	}
	return out
}

func (e *examination) add(subject string, state providers.FindingState, found, remedy string) {
	e.findings = append(e.findings, providers.Finding{Subject: subject, State: state, Found: oneLine(found), Remedy: remedy})
}

func (e *examination) problem(subject, found, remedy string) {
	e.add(subject, providers.FindingProblem, found, remedy)
}

// oneLine joins the lines of an error.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// failed reports an error of a provider, or of what it opened.
func (e *examination) failed(ctx context.Context, subject string, p providers.Provider, of any, err error) {
	err = providers.SafeError(of, err)
	advice := ""
	if adviser, ok := p.(providers.Adviser); ok {
		advice = adviser.Advice(err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		remedy := "wait for longer with --timeout"
		if advice != "" && len(e.findings) == 0 {
			remedy = advice + ", or " + remedy
		}
		e.problem(subject, "no answer within "+e.options.timeout.String(), remedy)
		return
	}
	e.problem(subject, err.Error(), advice)
}

func (e *examination) source(ctx context.Context, p providers.Provider) {
	provider, ok := p.(providers.SourceProvider)
	if !ok {
		return
	}
	source, err := provider.OpenSource(ctx, e.Attributes, e.cfg.Dir)
	if err != nil {
		e.failed(ctx, "connection", p, nil, err)
		return
	}
	defer func() { e.closed(source, source.Close()) }()
	found, err := examineSource(ctx, source)
	if err != nil {
		e.failed(ctx, "connection", p, source, err)
		return
	}
	e.add("connection", providers.FindingOK, "reachable", "")
	e.findings = append(e.findings, found...)
	e.privileges(ctx, p, source, providers.Needs{Tables: needsOf(e.cfg, e.Connection, false)})
	e.clock(ctx, p, source)
}

// examineSource opens a snapshot at least: only then is a connection made.
func examineSource(ctx context.Context, source providers.Source) ([]providers.Finding, error) {
	if examiner, ok := source.(providers.Examiner); ok {
		return examiner.Examine(ctx)
	}
	snapshot, err := source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return []providers.Finding{{Subject: "snapshot", State: providers.FindingOK, Found: "can be opened"}}, snapshot.Close()
}

func (e *examination) destination(ctx context.Context, p providers.Provider) {
	provider, ok := p.(providers.DestinationProvider)
	if !ok {
		return
	}
	destination, err := provider.OpenDestination(ctx, e.Attributes, e.cfg.Dir)
	if err != nil {
		e.failed(ctx, "connection", p, nil, err)
		return
	}
	defer func() { e.closed(destination, destination.Close()) }()
	e.add("connection", providers.FindingOK, "reachable: "+destination.Identity(), "")
	if examiner, ok := destination.(providers.Examiner); ok {
		found, err := examiner.Examine(ctx)
		if err != nil {
			e.failed(ctx, "server", p, destination, err)
			return
		}
		e.findings = append(e.findings, found...)
	}
	needs, err := e.holdings(ctx, destination)
	if err != nil {
		e.failed(ctx, "tables", p, destination, err)
	} else {
		e.privileges(ctx, p, destination, needs)
	}
	e.clock(ctx, p, destination)
}

// holdings looks for the register and the tables of a destination, and returns what is needed of
// those that are there.
func (e *examination) holdings(ctx context.Context, d providers.Destination) (_ providers.Needs, err error) {
	needs := providers.Needs{Apply: !e.options.planOnly}
	conn, err := d.Conn(ctx)
	if err != nil {
		return needs, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	needs.Register = e.register(ctx, d, conn)
	if ctx.Err() != nil {
		return needs, ctx.Err()
	}
	wanted := needsOf(e.cfg, e.Connection, !e.options.planOnly)
	if _, ok := d.(providers.Publisher); ok {
		needs.Tables = wanted // plan makes the tables; their files are looked at
		return needs, nil
	}
	for _, need := range wanted {
		_, err := d.Table(ctx, conn, need.Table)
		switch {
		case err == nil:
			needs.Tables = append(needs.Tables, need)
		case ctx.Err() != nil:
			return needs, err
		case errors.Is(err, providers.ErrNoTable):
			names, err := d.TableNames(ctx, conn)
			if err != nil {
				return needs, err
			}
			e.problem("tables", fmt.Sprintf("no table %q.%s", need.Table, suggest.Question(need.Table, names)), "correct its name in the configuration, or create it")
		default:
			e.problem("tables", fmt.Sprintf("table %q: %s", need.Table, providers.SafeError(d, err)), "")
		}
	}
	if len(needs.Tables) == len(wanted) && len(wanted) > 0 {
		e.add("tables", providers.FindingOK, fmt.Sprintf("all that the configuration names are there (%d)", len(wanted)), "")
	}
	return needs, nil
}

// initByAnother is what to do where the role at hand may use a register, and not make one.
const initByAnother = "run registrar init once, as a role that may create schemas; then grant the others what registrar init --print-grants prints"

// register reports the destination's register, and whether there is one.
func (e *examination) register(ctx context.Context, d providers.Destination, q providers.Querier) bool {
	meta, err := register.New(d.Dialect()).Meta(ctx, q)
	other, differs := errors.AsType[*register.VersionError](err)
	switch {
	case err == nil:
		e.identity = meta.Identity
		_, e.publisher = d.(providers.Publisher)
		e.add("register", providers.FindingOK, fmt.Sprintf("version %d", meta.Version), "")
	case errors.Is(err, register.ErrMissing):
		remedy := "registrar init"
		if _, ok := d.(providers.Granter); ok {
			remedy = initByAnother
		}
		e.problem("register", "missing", remedy)
		return false
	case differs && other.Have < other.Want:
		e.problem("register", fmt.Sprintf("version %d, and this program needs %d", other.Have, other.Want), "registrar init --upgrade")
	case differs:
		e.problem("register", fmt.Sprintf("version %d, and this program knows those up to %d", other.Have, other.Want), "use a newer registrar")
	case ctx.Err() == nil: // else said by what follows
		e.problem("register", providers.SafeError(d, err).Error(), "")
	}
	return true
}

func (e *examination) privileges(ctx context.Context, p providers.Provider, of any, needs providers.Needs) {
	examiner, ok := of.(providers.PrivilegeExaminer)
	if !ok {
		return
	}
	found, err := examiner.Privileges(ctx, needs)
	if err != nil {
		e.failed(ctx, "privileges", p, of, err)
		return
	}
	e.findings = append(e.findings, found...)
}

// maxSkew is how far a server's clock may be from this machine's.
const maxSkew = 5 * time.Second

func (e *examination) clock(ctx context.Context, p providers.Provider, of any) {
	reader, ok := of.(providers.ClockReader)
	if !ok {
		return
	}
	before := e.env.Now()
	server, err := reader.ServerTime(ctx)
	after := e.env.Now()
	if err != nil {
		e.failed(ctx, "clock", p, of, err)
		return
	}
	const remedy = "set both clocks by NTP: plans expire, and archived rows are purged, by them"
	switch {
	case server.Sub(after) > maxSkew:
		e.add("clock", providers.FindingWarning, fmt.Sprintf("the server's is %s ahead of this machine's", server.Sub(after).Round(time.Second)), remedy)
	case before.Sub(server) > maxSkew:
		e.add("clock", providers.FindingWarning, fmt.Sprintf("the server's is %s behind this machine's", before.Sub(server).Round(time.Second)), remedy)
	default:
		e.add("clock", providers.FindingOK, fmt.Sprintf("within %s of this machine's", maxSkew), "")
	}
}

func (e *examination) closed(of any, err error) {
	if err != nil {
		e.add("connection", providers.FindingWarning, "closing it failed: "+providers.SafeError(of, err).Error(), "")
	}
}
