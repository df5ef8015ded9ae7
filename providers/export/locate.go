package export

import (
	"fmt"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator: of a destination, its register's file too.
func (p *Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	format, ok := p.Exporter.(providers.Locator)
	if !ok {
		return providers.Location{}, fmt.Errorf("the provider %q does not say where its files are", p.Name())
	}
	where, err := format.Locate(attributes, dir)
	store, isLocator := p.store.(providers.Locator)
	if err != nil || attributes.String("directory") == "" {
		return where, err
	}
	if !isLocator {
		return providers.Location{}, fmt.Errorf("the provider %q does not say where its register is", p.Name())
	}
	register, err := store.Locate(providers.Attributes{"path": attributes.StringOr("register", defaultRegister)}, where.Paths[0])
	if err != nil {
		return providers.Location{}, err
	}
	where.Paths = append(where.Paths, register.Paths...)
	return where, nil
}
