package xlsx

import (
	"errors"

	"github.com/registrar-sync/registrar/providers"
)

var _ providers.Locator = (*Provider)(nil)

// Locate implements providers.Locator. Of a workbook that path names, it is the folder: links within lead nowhere else.
func (*Provider) Locate(attributes providers.Attributes, dir string) (providers.Location, error) {
	directory := attributes.String("directory")
	if path := attributes.String("path"); path != "" {
		directory, _ = split(path)
	}
	if directory == "" {
		return providers.Location{}, errors.New("neither directory nor path is set")
	}
	path, err := providers.ResolvePath(directory, dir)
	if err != nil {
		return providers.Location{}, err
	}
	where := providers.Location{Paths: []string{path}, Layout: !attributes.Bool("header", true)}
	for _, name := range []string{"columns", "extension", "first_row"} {
		where.Layout = where.Layout || attributes[name] != nil
	}
	return where, nil
}
