package view

import (
	"cmp"
	"path"

	"github.com/registrar-sync/registrar/plan"
)

type codeQuality struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

// CodeQuality writes what SARIF does as GitLab's Code Quality report.
func (v *View) CodeQuality(p *plan.Plan, o ReviewOptions) error {
	list := []codeQuality{}
	for _, one := range problems(p, &o) {
		c := codeQuality{Description: one.message, CheckName: one.rule, Fingerprint: one.fingerprint, Severity: codeQualitySeverities[one.level]}
		// The format demands a place, even of what has none.
		c.Location.Path = cmp.Or(one.at.file, path.Clean(o.Dir))
		c.Location.Lines.Begin = max(1, one.at.line)
		list = append(list, c)
	}
	return v.JSON(list, true)
}

var codeQualitySeverities = map[level]string{blocking: "blocker", failing: "critical", doubtful: "major", warning: "minor", remark: "info"}
