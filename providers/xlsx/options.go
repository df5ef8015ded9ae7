package xlsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// maxRows is how many rows a sheet has.
const maxRows = 1 << 20

// options are a source block's attributes, checked and with their defaults.
type options struct {
	directory string // as written, or that of path
	file      string // the file of path; "" where directory is set
	extension string
	header    bool
	columns   []string // names where there is no header; nil: c1, c2, …
	firstRow  int      // from 1
	trim      bool
	null      string // "" for none
	types     filetable.Types
	reading   filetable.Reading
}

func newOptions(a providers.Attributes) (*options, error) {
	o := &options{
		directory: a.String("directory"), extension: a.StringOr("extension", ".xlsx"), header: a.Bool("header", true),
		columns: filetable.List(a, "columns"), firstRow: int(a.Int("first_row", 1)), trim: a.Bool("trim", false), null: a.String("null"),
	}
	p := a.String("path")
	switch {
	case p != "" && o.directory != "":
		return nil, errors.New("directory and path are both set: directory is for one workbook per table, path for one sheet per table")
	case p != "":
		if err := checkPath(p); err != nil {
			return nil, filetable.Named("path", err)
		}
		o.directory, o.file = split(p)
	case o.directory == "":
		return nil, errors.New("neither directory nor path is set: directory is where the workbooks are, path is the workbook whose sheets are the tables")
	}
	for _, check := range []func() error{
		func() error { return filetable.Named("directory", filetable.CheckDirectory(o.directory)) },
		func() error { return filetable.Named("extension", filetable.CheckExtension(o.extension)) },
		func() error { return filetable.Named("columns", filetable.CheckColumns(o.columns)) },
		func() (err error) { o.types, err = filetable.ParseTypes(a.Strings("types")); return err },
		func() error { return o.reading.Set(a) },
		func() error { return o.reading.CheckTypes(o.types) },
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if o.header && o.columns != nil {
		return nil, errors.New("columns names the columns of sheets without a header: set header = false, or leave columns out")
	}
	if o.firstRow < 1 || o.firstRow > maxRows {
		return nil, fmt.Errorf("first_row: %d is not a row: the first is 1", o.firstRow)
	}
	return o, nil
}

func checkPath(p string) error {
	if strings.TrimSpace(p) == "" || strings.ContainsRune(p, 0) || strings.HasSuffix(p, "/") {
		return fmt.Errorf("%q is not the name of a workbook", p)
	}
	return nil
}

// sourceSpec declares the attributes, as that of package csv does.
func sourceSpec() hcldec.Spec {
	spec := hcldec.ObjectSpec{
		"directory":        filetable.Text("directory", false, filetable.CheckDirectory),
		"path":             filetable.Text("path", false, checkPath),
		"extension":        filetable.Text("extension", false, filetable.CheckExtension),
		"header":           filetable.Bool("header"),
		"columns":          filetable.Texts("columns", filetable.CheckColumns),
		"first_row":        providers.CheckedAttribute("first_row", cty.Number, providers.WholeNumber("first_row", 1, maxRows)),
		"trim":             filetable.Bool("trim"),
		"null":             filetable.Text("null", false, func(string) error { return nil }),
		"types":            filetable.TypesSpec(),
		"date_format":      filetable.Text("date_format", false, filetable.CheckDateFormat),
		"timestamp_format": filetable.Text("timestamp_format", false, filetable.CheckStampFormat),
		"decimal":          filetable.Text("decimal", false, filetable.CheckDecimal),
		"thousands":        filetable.Text("thousands", false, filetable.CheckThousands),
		"true_values":      filetable.Texts("true_values", filetable.CheckTruths),
		"false_values":     filetable.Texts("false_values", filetable.CheckTruths),
	}
	return &hcldec.ValidateSpec{
		Wrapped: spec,
		Func: func(v cty.Value) hcl.Diagnostics {
			return filetable.Diagnose(v, "Contradictory xlsx source", func(v any) error {
				attributes, _ := v.(map[string]any)
				_, err := newOptions(attributes)
				return err
			})
		},
	}
}
