package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/shell"
)

// gitHubInterval is the least that GitHub starts a workflow after another.
const gitHubInterval = 5 * time.Minute

// checkoutAction is pinned by its commit, as a tag can be moved.
const checkoutAction = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"

func (w *writer) github() error {
	if err := w.relative(); err != nil {
		return err
	}
	for _, j := range w.jobs {
		t, _ := union(j.parts, time.UTC, w.o.Now)
		var b strings.Builder
		fmt.Fprintf(&b, "# %s\n# %s: %s\n", Marker, j.Address, recurrence(j.Schedule))
		fmt.Fprintf(&b, "name: %s\n\non:\n  schedule:\n    # In UTC, for each offset that the time zone has: the guard lets the right one through.\n", gitHubText("registrar "+j.Address))
		for _, line := range t.crons() {
			fmt.Fprintf(&b, "    - cron: %s\n", yamlText(line))
		}
		fmt.Fprintf(&b, `  workflow_dispatch:

permissions:
  contents: read

concurrency:
  group: %s
  cancel-in-progress: false

jobs:
  run:
    # Databases are seldom within the reach of GitHub's own machines.
    runs-on: [self-hosted, linux]
    timeout-minutes: 360
`, yamlText(j.name))
		if w.o.Image != "" {
			fmt.Fprintf(&b, "    container: %s\n", gitHubText(w.o.Image))
		}
		fmt.Fprintf(&b, "    steps:\n      - uses: %s\n        with:\n          persist-credentials: false\n      - run: %s\n",
			checkoutAction, gitHubText(shell.Line(w.guard(j, gitHubTolerance))))
		if len(w.o.Variables) > 0 {
			b.WriteString("        env:\n")
		}
		for _, variable := range w.o.Variables {
			name := environmentPrefix + variable
			fmt.Fprintf(&b, "          %s: ${{ secrets.%s }}\n", yamlText(name), gitHubSecret(name))
		}
		w.file(j.name+".yml", b.String())
		if j.often(gitHubInterval) {
			w.warn(j, "GitHub starts a workflow every five minutes at most: of the slots between, the last runs")
		}
		w.waits(j, "GitHub")
	}
	w.noTest("GitHub", "start the workflow by hand")
	first := w.jobs[0].name
	secrets := slices.Clone(w.o.Variables)
	for i, name := range secrets {
		secrets[i] = gitHubSecret(environmentPrefix + name)
	}
	environment := ""
	if len(secrets) > 0 {
		environment = "Secrets:           " + strings.Join(secrets, ", ") + ": secrets of the repository (gh secret set NAME)"
	}
	w.result.Guide = guide(
		"Check:             actionlint registrar-*.yml",
		"Install:           commit the files in .github/workflows of the default branch",
		environment,
		"1 By hand:         gh workflow run "+first+".yml && gh run watch: the guard says whether a slot is due",
		"2 By the clock:    change a cron line to some minutes ahead (in UTC); GitHub may start it an hour late, or drop it",
		"3 Logged off:      GitHub needs no session; in a public repository it stops schedules after 60 days without activity")
	return nil
}

// gitHubSecret is the name of a secret for a variable: letters, digits and underscores.
func gitHubSecret(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// gitHubText is a YAML string in which GitHub evaluates no expression.
func gitHubText(text string) string {
	return yamlText(strings.ReplaceAll(text, "${{", "${{ '${{' }}"))
}
