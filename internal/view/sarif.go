package view

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/plan"
)

// sarifSchema is of version 2.1.0, with its errata.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Language   string        `json:"language"`
	ColumnKind string        `json:"columnKind"`
	Newlines   []string      `json:"newlineSequences"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Language       string      `json:"language"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	} `json:"physicalLocation"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

// SARIF writes diagnostics and, unless p is nil, what a plan found and what holds it, as SARIF 2.1.0.
func (v *View) SARIF(p *plan.Plan, o ReviewOptions) error {
	all := problems(p, &o)
	rules := rulesOf(all, &o)
	var run sarifRun
	run.Tool.Driver = sarifDriver{Name: "registrar", InformationURI: "https://github.com/registrar-sync/registrar", Language: "en", Rules: []sarifRule{}}
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: r.id, Short: sarifText{r.description}})
	}
	run.Language, run.Newlines = "en", []string{"\r\n", "\n"}
	run.ColumnKind, run.Results = "unicodeCodePoints", []sarifResult{}
	for _, one := range all {
		result := sarifResult{
			RuleID: one.rule, RuleIndex: slices.IndexFunc(rules, func(r rule) bool { return r.id == one.rule }), Level: sarifLevels[one.level],
			Message: sarifText{sarifMessage(one.message)}, Locations: []sarifLocation{}, Fingerprints: map[string]string{"registrar/v1": one.fingerprint},
		}
		if one.at.file != "" {
			var at sarifLocation
			at.Physical.Artifact.URI = (&url.URL{Path: one.at.file}).EscapedPath()
			at.Physical.Region = sarifRegion{StartLine: one.at.line, StartColumn: one.at.column, EndLine: one.at.endLine, EndColumn: one.at.endColumn}
			result.Locations = append(result.Locations, at)
		}
		run.Results = append(run.Results, result)
	}
	return v.JSON(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}, true)
}

var sarifLevels = map[level]string{blocking: "error", failing: "error", doubtful: "warning", warning: "warning", remark: "note"}

// sarifMessage is a message's text, with what SARIF would take for a link or a placeholder escaped.
func sarifMessage(text string) string {
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	for digit := range 10 {
		if strings.Contains(text, "{"+strconv.Itoa(digit)) {
			return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
		}
	}
	return text
}
