package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The commands of examples/transfer/README.md do what it says, as written, but that nobody can be asked.
func TestTransferReadme(t *testing.T) {
	t.Parallel()
	s := newShell(t, "REGISTRAR_IN_AUTOMATION=")
	s.must(os.CopyFS(s.dir, os.DirFS("transfer")))
	var said strings.Builder
	for _, f := range fences(t, "transfer/README.md") {
		text := f.text
		for asks, answer := range map[string]string{"--chdir origin apply": " --auto-approve", "transfer import ../carried/hss.csv": " --yes", "--bundle ../carried/hss.csv": " --yes"} {
			text = strings.ReplaceAll(text, asks, asks+answer)
		}
		out, code := s.run("(set -e\n" + text + ")")
		if said.WriteString(out); code != "0" {
			t.Fatalf("%s\nends with %s:\n%s", text, code, out)
		}
		manifest := filepath.Join(s.dir, "carried", "hss.csv")
		edited := regexp.MustCompile(`(?m)^12;;`).ReplaceAllString(readFile(t, manifest), "12;HUM;")
		s.must(os.WriteFile(manifest, []byte(edited), 0o600))
	}
	out := said.String()
	for _, want := range []string{"11 inserted", "No changes", "11 deleted", "UFR Humanités et sciences sociales (HUM): 11 rows"} {
		if !strings.Contains(out, want) {
			t.Errorf("the commands do not say %q:\n%s", want, out)
		}
	}
	// What the commands say comes next runs from where they were typed.
	verify := regexp.MustCompile(`registrar transfer verify \S+`).FindString(out)
	if said, code := s.run(verify); code != "0" {
		t.Errorf("%s ends with %s:\n%s", verify, code, said)
	}
	retire := regexp.MustCompile(`registrar transfer retire \S+ --bundle \S+`).FindString(out)
	if said, code := s.run(strings.Replace(retire, "registrar ", "registrar --chdir origin ", 1) + " --yes"); code != "1" || !strings.Contains(said, "was retired already") {
		t.Errorf("%s ends with %s:\n%s", retire, code, said)
	}
}
