package xlsx

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner          = (*source)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.Adviser           = (*Provider)(nil)
)

// Advice implements providers.Adviser.
func (*Provider) Advice(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "correct directory or path, which start at the configuration's folder, or let the workbooks be there"
	case errors.Is(err, fs.ErrPermission):
		return "let the user who runs registrar read the workbooks and their folder"
	default:
		return ""
	}
}

// Examine opens the directory. Workbooks are looked at by Privileges.
func (s *source) Examine(ctx context.Context) ([]providers.Finding, error) {
	opened, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	held := providers.Finding{Subject: "snapshot", State: providers.FindingOK, Found: "the directory is held open; a workbook is read as it is then"}
	return []providers.Finding{held}, opened.Close()
}

// Privileges opens the sheets of tables, as far as their headers.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) (_ []providers.Finding, err error) {
	opened, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	var findings []providers.Finding
	for _, need := range needed.Tables {
		rows, err := opened.Read(ctx, providers.Query{Table: need.Table})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			err = rows.Close()
		}
		if err != nil {
			findings = append(findings, providers.Finding{
				Subject: "privileges", State: providers.FindingProblem,
				Found: strings.ReplaceAll(err.Error(), "\n", "; "), Remedy: "let the workbook be there, with that sheet and its header, and readable to the user who runs registrar",
			})
		}
	}
	if len(findings) == 0 {
		findings = append(findings, providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: "all sheets that the configuration names may be read"})
	}
	return findings, nil
}
