package cli

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"regexp"
	"strings"
)

// author is who plans and applies, as user@host.
func (a *app) author() string {
	if a.env.Author != "" {
		return a.env.Author
	}
	name, host := "unknown", "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host
}

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// commit is the git commit that is checked out where the configuration is; ""
// outside a checkout, and where there is no git.
func (a *app) commit(ctx context.Context) string {
	git := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", "HEAD")
	git.Dir = a.dir()
	git.Env = a.env.Environ
	out, err := git.Output()
	if text := strings.TrimSpace(string(out)); err == nil && commitPattern.MatchString(text) {
		return text
	}
	return ""
}
