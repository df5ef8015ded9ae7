package csv

import (
	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. Within the directory links lead nowhere else: see filetable.Directory.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	path, err := providers.ResolvePath(attributes.String("directory"), dir)
	if err != nil {
		return providers.Location{}, err
	}
	where := providers.Location{Paths: []string{path}, Layout: !attributes.Bool("header", true)}
	for _, name := range []string{"columns", "comment", "extension", "quote"} {
		where.Layout = where.Layout || attributes[name] != nil
	}
	return where, nil
}
