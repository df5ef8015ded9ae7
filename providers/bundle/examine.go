package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/registrar-sync/registrar/providers"
)

var (
	_ providers.Examiner          = (*source)(nil)
	_ providers.PrivilegeExaminer = (*source)(nil)
	_ providers.Adviser           = (*Provider)(nil)
)

// split returns the folder and the name of the manifest.
func split(attributes providers.Attributes) (folder, name string, err error) {
	path := filepath.FromSlash(attributes.String("manifest"))
	if path == "" {
		return "", "", errNoManifest
	}
	folder, name = filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	return filepath.Clean(folder), name, nil
}

func manifestPath(attributes providers.Attributes, dir string) (string, error) {
	folder, name, err := split(attributes)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	return filepath.Join(folder, name), nil
}

// Advice implements providers.Adviser.
func (*Provider) Advice(err error) string {
	if errors.Is(err, os.ErrPermission) {
		return "let the user who runs registrar read both files of the bundle"
	}
	return "" // a FormatError says it itself
}

// Examine implements providers.Examiner: what is open was verified.
func (s *source) Examine(ctx context.Context) ([]providers.Finding, error) {
	verified := providers.Finding{Subject: "bundle", State: providers.FindingOK, Found: fmt.Sprintf("verified whole: %d faculties", len(s.bundle.Faculties))}
	return []providers.Finding{verified}, ctx.Err()
}

// Privileges implements providers.PrivilegeExaminer: what is missing are tables.
func (s *source) Privileges(ctx context.Context, needed providers.Needs) ([]providers.Finding, error) {
	var findings []providers.Finding
	for _, need := range needed.Tables {
		if _, err := s.find(need.Table); err != nil {
			findings = append(findings, providers.Finding{Subject: "privileges", State: providers.FindingProblem, Found: err.Error(), Remedy: "name a table that the bundle has"})
		}
	}
	if len(findings) == 0 {
		findings = append(findings, providers.Finding{Subject: "privileges", State: providers.FindingOK, Found: "all tables that the configuration names may be read"})
	}
	return findings, ctx.Err()
}
