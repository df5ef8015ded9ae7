package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/view"
	"github.com/registrar-sync/registrar/register"
)

func (a *app) view(w io.Writer, terminal bool) *view.View {
	o := view.Options{Colour: terminal && a.colours(), Automation: a.automation()}
	if terminal {
		o.Width = a.env.Width
	}
	return view.New(w, o)
}

// colours reports whether a terminal shows them, and somebody wants them.
func (a *app) colours() bool {
	return !a.global.noColour && a.environ("NO_COLOR") == "" && a.environ("TERM") != "dumb"
}

// codeError ends a command with a code, everything being said already.
type codeError int

func (e codeError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report tells of an error and returns the exit code.
func (a *app) report(ctx context.Context, command *cobra.Command, err error) int {
	var code codeError
	var partial *apply.PartialError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case !a.running:
		a.err().Error(fmt.Sprintf("%s\nFor help: %s --help", strings.TrimSpace(err.Error()), command.CommandPath()))
		return exitError
	case ctx.Err() != nil && !errors.As(err, &partial):
		// What the many parts say that were interrupted helps nobody.
		a.err().Error("Interrupted\nWhat was not committed yet was rolled back.")
		return exitError
	}
	a.tell(err)
	if _, held := errors.AsType[*apply.HeldError](err); held {
		return exitHeld
	}
	if _, missing := errors.AsType[*apply.ApprovalError](err); missing {
		return exitHeld
	}
	return exitError
}

// tell shows an error: as JSON where the command writes JSON and has not begun to; in a report beside.
func (a *app) tell(err error) {
	diags, others := split(err)
	if (a.json || a.output.isReport()) && !a.out().Begun() {
		all := slices.Concat(a.warnings, diags)
		for _, other := range others {
			summary, detail, _ := strings.Cut(withRemedy(other), "\n")
			all = append(all, config.Diagnostic{Severity: config.Error, Summary: summary, Detail: detail})
		}
		if a.json && a.out().DiagnosticsJSON(all, a.files) == nil {
			return
		}
		if !a.json {
			if err := a.writeReport(nil, all); err != nil {
				others = append(others, err)
			}
		}
	}
	a.err().Diagnostics(diags, a.files)
	for _, other := range others {
		a.err().Error(withRemedy(other))
	}
}

// withRemedy is an error's text, with what to do where a role lacks rights.
func withRemedy(err error) string {
	if remedy := register.Remedy(err); remedy != "" {
		return err.Error() + "\n" + remedy
	}
	return err.Error()
}

// split takes the diagnostics out of an error, however joined or wrapped, and
// returns what else it holds.
func split(err error) (diags config.Diagnostics, others []error) {
	var inside *config.DiagnosticsError
	found, ok := err.(*config.DiagnosticsError) //nolint:errorlint // what wraps it is taken off below
	joined, several := err.(interface{ Unwrap() []error })
	switch {
	case ok:
		return found.Diagnostics, nil
	case several && (errors.As(err, &inside) || isJoin(err, joined.Unwrap())):
		for _, one := range joined.Unwrap() {
			more, rest := split(one)
			diags, others = append(diags, more...), append(others, rest...)
		}
		return diags, others
	case errors.As(err, &inside):
		return split(errors.Unwrap(err))
	default:
		return nil, []error{err}
	}
}

// isJoin tells errors.Join, which adds nothing, from fmt.Errorf with several %w.
func isJoin(err error, parts []error) bool {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.Error()
	}
	return err.Error() == strings.Join(texts, "\n")
}
