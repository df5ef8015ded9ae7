package export

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// uid is the user of containers where --user names none: distroless images' nonroot.
const uid = "65532"

func (w *writer) kubernetes() error {
	if w.o.Image == "" {
		return errors.New("kubernetes needs an image: name it with --image")
	}
	if err := w.absolute(); err != nil {
		return err
	}
	if strings.Contains(w.o.Dir, ":") {
		return fmt.Errorf("kubernetes mounts nothing at a path with a colon, such as %q", w.o.Dir)
	}
	user := w.o.User
	if user == "" {
		user = uid
	}
	if strings.Trim(user, "0123456789") != "" || strings.Trim(user, "0") == "" {
		return fmt.Errorf("kubernetes takes a user's number, other than 0, not %q", user)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# %s
#
# Fill in before use: the volume "config" (below a ConfigMap; a volume that git-sync
# fills serves as well) and the Secret "registrar" with the variables' values. The volume
# "state" remembers what was notified: a PersistentVolumeClaim keeps that between runs.
`, Marker)
	for _, j := range w.jobs {
		late := podTolerance
		deadline := podTolerance
		if j.CatchUp {
			deadline = day
		}
		command := append(w.guard(j, late), "--state", "/state/state.db")
		for i, line := range w.zonedCrons(j, (*times).cronsJoined) {
			w.cronJob(&b, numbered(j.name, i), j.Address, line, deadline, user, command)
		}
	}
	if at := w.o.Test.UTC(); !w.o.Test.IsZero() {
		line := zoned{fmt.Sprintf("%d %d %d %d *", at.Minute(), at.Hour(), at.Day(), at.Month()), time.UTC}
		w.cronJob(&b, trialName, "a trial: delete it, or it comes back in a year", line, podTolerance, user, append(w.registrar(), "doctor")) // which needs no writable directory
	}
	w.file("registrar.yaml", b.String())
	first := w.jobs[0].name
	w.result.Guide = guide(
		"Check:             kubectl apply --dry-run=server -f registrar.yaml",
		"Install:           kubectl apply -f registrar.yaml",
		w.variablesGuide("keys of the Secret registrar"),
		"1 By hand:         kubectl create job --from=cronjob/"+first+" registrar-by-hand && kubectl logs -f job/registrar-by-hand",
		"2 By the clock:    export with --test: a CronJob two minutes ahead runs `registrar doctor`",
		"3 Logged off:      a cluster needs no session")
	return nil
}

func (w *writer) cronJob(b *strings.Builder, name, address string, line zoned, deadline time.Duration, user string, command []string) {
	fmt.Fprintf(b, `---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: %[1]s
  labels:
    app.kubernetes.io/name: registrar
  annotations:
    registrar/schedule: %[2]s
spec:
  schedule: %[3]s
  timeZone: %[4]s
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: %[5]d
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        metadata:
          labels:
            app.kubernetes.io/name: registrar
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            runAsUser: %[6]s
            runAsGroup: %[6]s
            fsGroup: %[6]s
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: registrar
              image: %[7]s
              command:
                - %[8]s
              args:
`, yamlText(name), yamlText(address), yamlText(line.cron), yamlText(zoneName(line.zone)), int(deadline/time.Second), user,
		yamlText(w.o.Image), kubernetesText(command[0]))
	for _, word := range command[1:] {
		fmt.Fprintf(b, "                - %s\n", kubernetesText(word))
	}
	if len(w.o.Variables) > 0 {
		b.WriteString("              env:\n")
	}
	for _, variable := range w.o.Variables {
		fmt.Fprintf(b, `                - name: %[1]s
                  valueFrom:
                    secretKeyRef:
                      name: registrar
                      key: %[1]s
`, yamlText(environmentPrefix+variable))
	}
	fmt.Fprintf(b, `              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop:
                    - ALL
              volumeMounts:
                - name: config
                  mountPath: %s
                  readOnly: true
                - name: state
                  mountPath: /state
                - name: tmp
                  mountPath: /tmp
          volumes:
            - name: config
              configMap:
                name: registrar-config
            - name: state
              emptyDir: {}
            - name: tmp
              emptyDir: {}
`, yamlText(w.o.Dir))
}

// kubernetesText is a word of a command, in which $(NAME) would be replaced.
func kubernetesText(word string) string { return yamlText(strings.ReplaceAll(word, "$", "$$")) }

// zoneName is a zone's as the tz database has it.
func zoneName(zone *time.Location) string {
	if zone.String() == "UTC" {
		return "Etc/UTC"
	}
	return zone.String()
}
