package view

import "fmt"

// Build describes the program.
type Build struct {
	Version   string          `json:"registrar_version"`
	Revision  string          `json:"revision,omitempty"`
	Platform  string          `json:"platform"`
	Go        string          `json:"go_version"`
	Providers []BuildProvider `json:"providers"`
}

// BuildProvider is a provider that the program has.
type BuildProvider struct {
	Name        string `json:"name"`
	Source      bool   `json:"source"`
	Destination bool   `json:"destination"`
}

// Version writes which program this is.
func (v *View) Version(b Build) {
	fmt.Fprintf(v.out, "registrar %s\non %s, built with %s\n", b.Version, b.Platform, b.Go)
	if b.Revision != "" {
		fmt.Fprintf(v.out, "from commit %s\n", b.Revision)
	}
	for _, p := range b.Providers {
		what := "destination"
		switch {
		case p.Source && p.Destination:
			what = "source and destination"
		case p.Source:
			what = "source"
		}
		fmt.Fprintf(v.out, "+ provider %s (%s)\n", p.Name, what)
	}
}
