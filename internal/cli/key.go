package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	filippo "filippo.io/age" // age is a duration here
	"github.com/spf13/cobra"

	"github.com/registrar-sync/registrar/internal/shell"
	"github.com/registrar-sync/registrar/internal/signature"
)

const (
	signKeyVariable  = "REGISTRAR_SIGN_KEY_FILE"
	identityVariable = "REGISTRAR_IDENTITY_FILE"
)

func (a *app) keyCommand() *cobra.Command {
	return group("key", "Make keys that sign plans and approvals",
		`Makes the private key of somebody, or of a pipeline, that signs plans and approvals,
and tells the public key that belongs to it, for trusted_keys.`,
		a.keyNewCommand(), a.keyPublicCommand())
}

func (a *app) keyNewCommand() *cobra.Command {
	var out string
	c := a.command(&cobra.Command{
		Use:   "new --out FILE",
		Short: "Write a new private key",
		Long: `Writes a new private key (ed25519, PEM) that its owner alone can read, and prints
the public key. A file that is there is not replaced.`,
		Args: cobra.NoArgs,
	}, func(context.Context, []string) error {
		if out == "" {
			return errors.New("--out names no file")
		}
		return a.newKey(out)
	})
	c.Flags().StringVar(&out, "out", "", "write the private key to `FILE`")
	_ = c.MarkFlagRequired("out") // fails only for a flag that is not there
	return c
}

func (a *app) keyPublicCommand() *cobra.Command {
	return a.command(&cobra.Command{
		Use:   "public FILE",
		Short: "Print the public key of a private one",
		Long:  `Prints the public key that belongs to the private key in FILE.`,
		Args:  oneArgument("FILE, a private key"),
	}, func(_ context.Context, args []string) error {
		key, err := a.readKey(args[0])
		if err != nil {
			return err
		}
		return a.sayPublic(key)
	})
}

func (a *app) newKey(out string) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	text, err := signature.MarshalPrivate(key)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	path := a.path(out)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("--out %s: it exists, and a key is not replaced: name another file", out)
	}
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the key: %w", err), os.Remove(path))
	}
	return a.sayPublic(key)
}

func (a *app) sayPublic(key ed25519.PrivateKey) error {
	_, err := fmt.Fprintln(a.out().Writer(), publicText(key))
	return err
}

// publicText is the public key of a private one, as configurations spell it.
func publicText(key ed25519.PrivateKey) string {
	public, _ := key.Public().(ed25519.PublicKey) // which it always is
	return signature.PublicText(public)
}

// readKey reads a private key. No error repeats anything of it.
func (a *app) readKey(name string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(a.path(name))
	if err != nil {
		return nil, fmt.Errorf("read the private key: %w", err)
	}
	key, err := signature.ParsePrivate(text)
	if err != nil {
		return nil, fmt.Errorf("private key %s: %w", name, err)
	}
	return key, nil
}

// signKey is the key that --sign-key or the environment names; nil for none.
func (a *app) signKey(given string) (ed25519.PrivateKey, error) {
	if given == "" {
		given = a.environ(signKeyVariable)
	}
	if given == "" {
		return nil, nil
	}
	a.warnReadable(given)
	return a.readKey(given)
}

// warnReadable warns of a secret key's file that others may read. It is no error: pipelines give files that are so, and the
// systems where modes say nothing do too.
func (a *app) warnReadable(name string) {
	info, err := os.Stat(a.path(name))
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 || runtime.GOOS == "windows" {
		return
	}
	a.err().RunWarning("Others than its owner may read the key in %s (mode %04o): chmod 600 %s", name, info.Mode().Perm(), shell.Quote(name))
}

// identities are those that --identity or the environment names.
func (a *app) identities(given string) ([]filippo.Identity, error) {
	if given == "" {
		given = a.environ(identityVariable)
	}
	if given == "" {
		return nil, nil
	}
	a.warnReadable(given)
	text, err := os.ReadFile(a.path(given))
	if err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	identities, err := filippo.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		// The parser may repeat a line of the file.
		return nil, fmt.Errorf("identity %s: expected a file as age-keygen writes it, with lines AGE-SECRET-KEY-…", given)
	}
	return identities, nil
}

// recipients reads those of --encrypt-to: age's public keys, or files of them.
func (a *app) recipients(given []string) ([]filippo.Recipient, error) {
	var all []filippo.Recipient
	for _, one := range given {
		text := one
		if !strings.HasPrefix(one, "age1") {
			content, err := os.ReadFile(a.path(one))
			if err != nil {
				return nil, fmt.Errorf("--encrypt-to: expected a public key of age, such as age1…, or a file of them: %w", err)
			}
			text = string(content)
		}
		some, err := filippo.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("--encrypt-to: expected public keys of age, such as age1…, a line each; as age-keygen -y FILE prints them")
		}
		all = append(all, some...)
	}
	return all, nil
}
