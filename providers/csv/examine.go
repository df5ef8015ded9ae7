package csv

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
		return "correct directory, which starts at the configuration's folder, or let it be there"
	case errors.Is(err, fs.ErrPermission):
		return "let the user who runs registrar read the directory"
	default:
		return ""
	}
}

// Examine opens the directory. Files are looked at by Privileges.
func (s *source) Examine(ctx context.Context) ([]providers.Finding, error) {
	opened, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return []providers.Finding{
		{Subject: "charset", State: providers.FindingOK, Found: s.options.charset.name + ", as declared"},
		{Subject: "snapshot", State: providers.FindingOK, Found: "the directory is held open; a file is read as it is then"},
	}, opened.Close()
}

// Privileges opens the files of tables.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) (_ []providers.Finding, err error) {
	root, err := s.directory.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	var findings []providers.Finding
	for _, need := range needed.Tables {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		file, err := s.directory.OpenTable(root, need.Table, s.options.extension)
		if err != nil {
			findings = append(findings, providers.Finding{
				Subject: "privileges", State: providers.FindingProblem,
				Found: strings.ReplaceAll(err.Error(), "\n", "; "), Remedy: "let the export be there, and readable to the user who runs registrar",
			})
			continue
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	if len(findings) == 0 {
		findings = append(findings, providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: "all files that the configuration names may be read"})
	}
	return findings, nil
}
