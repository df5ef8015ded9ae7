package export

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/shell"
)

const (
	gitLabJobs      = "registrar.gitlab-ci.yml"
	gitLabSchedules = "registrar-gitlab-schedules.sh"
	// gitLabInterval is how often GitLab looks at its schedules, unless its administrators say otherwise.
	gitLabInterval = 10 * time.Minute
)

func (w *writer) gitlab() error {
	if err := w.relative(); err != nil {
		return err
	}
	var jobs, script strings.Builder
	fmt.Fprintf(&jobs, "# %s\n#\n# Include it in .gitlab-ci.yml: include: {local: %s}\n", Marker, gitLabJobs)
	fmt.Fprintf(&script, `#!/bin/sh
# %s
#
# Creates the pipeline schedules with glab, in the project of the working directory.
# Usage: sh %s [BRANCH]
set -eu
ref=${1:-main}
if glab api --paginate projects/:fullpath/pipeline_schedules | grep -q '"description":"registrar-'; then
	echo 'The project has pipeline schedules of registrar: delete those first (glab schedule list, glab schedule delete ID).' >&2
	exit 1
fi
create() {
	glab schedule create --ref "$ref" --description "$1" --cron "$2" --cronTimeZone "$3" --variable "REGISTRAR_SCHEDULE:$4"
}
`, Marker, gitLabSchedules)
	for _, j := range w.jobs {
		fmt.Fprintf(&jobs, "\n# %s: %s\n%s:\n", j.Address, recurrence(j.Schedule), yamlText(j.name))
		if w.o.Image != "" {
			// Images of one program have it as their entry point, which is no shell.
			fmt.Fprintf(&jobs, "  image:\n    name: %s\n    entrypoint: [\"\"]\n", yamlText(w.o.Image))
		}
		fmt.Fprintf(&jobs, `  rules:
    - if: %s
  resource_group: %s
  interruptible: false
  script:
    - %s
  allow_failure:
    exit_codes: 3 # held, held back or paused: a person is to decide
`, yamlText(fmt.Sprintf(`$CI_PIPELINE_SOURCE == "schedule" && $REGISTRAR_SCHEDULE == "%s"`, j.name)), yamlText(j.name),
			yamlText(shell.Line(w.guard(j, gitLabTolerance))))
		lines := w.zonedCrons(j, (*times).crons)
		// Which of two equal times GitLab takes is not documented: the first is said in UTC, too.
		for _, line := range w.firstOfRepeated(j).crons() {
			lines = append(lines, zoned{line, time.UTC})
		}
		for i, line := range lines {
			name := numbered(j.name, i)
			fmt.Fprintf(&script, "create %s %s %s %s\n", name, shell.Quote(line.cron), shell.Quote(zoneName(line.zone)), j.name)
		}
		if j.often(gitLabInterval) {
			w.warn(j, "GitLab looks at its schedules every ten minutes at most, unless its administrators say otherwise: of the slots between, the last runs")
		}
		w.waits(j, "GitLab")
	}
	w.noTest("GitLab", "run a schedule by hand")
	w.file(gitLabJobs, jobs.String())
	w.file(gitLabSchedules, script.String())
	w.result.Files[len(w.result.Files)-1].Exec = true
	w.result.Guide = guide(
		"Install:           commit "+gitLabJobs+", with include: {local: "+gitLabJobs+"} in .gitlab-ci.yml",
		"Check:             glab ci lint",
		"Schedules:         sh "+gitLabSchedules+" main",
		w.variablesGuide("masked, protected variables of the project (Settings, CI/CD)"),
		"1 By hand:         glab schedule run ID: the guard says whether a slot is due",
		"2 By the clock:    edit a schedule's time in Build, Pipeline schedules to some minutes ahead",
		"3 Logged off:      GitLab needs no session; the schedule's owner must keep the right to run pipelines on the branch")
	return nil
}

// relative refuses a directory outside of the checkout.
func (w *writer) relative() error {
	if path.IsAbs(w.o.Dir) || windowsAbsolute.MatchString(w.o.Dir) || w.o.Dir == ".." || strings.HasPrefix(w.o.Dir, "../") {
		return fmt.Errorf("the configuration's directory there starts in the checkout, and is %q", w.o.Dir)
	}
	if strings.HasPrefix(w.o.Dir, "-") {
		return errors.New("the configuration's directory there begins with a dash")
	}
	return nil
}

// longWait is the jitter from which on a job's own time limit counts.
const longWait = 30 * time.Minute

func (w *writer) waits(j *job, format string) {
	if j.Jitter >= longWait {
		w.warn(j, "a job waits for up to %s of jitter: %s's limit of its time must be longer", short(j.Jitter), format)
	}
}

func (w *writer) noTest(format, instead string) {
	if !w.o.Test.IsZero() {
		w.result.Warnings = append(w.result.Warnings, format+" has no entry for one time: "+instead)
	}
}

// often reports whether two slots are nearer to each other than that.
func (j *job) often(interval time.Duration) bool {
	for _, p := range j.parts {
		for _, r := range p.rules() {
			all := r.minutes.list()
			for i := range len(all) - 1 {
				if time.Duration(all[i+1]-all[i])*time.Minute < interval {
					return true
				}
			}
		}
	}
	return false
}
