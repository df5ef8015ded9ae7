package csv

import (
	"github.com/hashicorp/hcl/v2/hcldec"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

// sourceSpec declares the attributes. Each is checked on its own, so that its
// diagnostic stands on it; what depends on several is checked last, on the block.
func sourceSpec() hcldec.Spec {
	spec := sharedSpec()
	spec["directory"] = filetable.Text("directory", true, filetable.CheckDirectory)
	spec["columns"] = filetable.Texts("columns", filetable.CheckColumns)
	spec["comment"] = filetable.Text("comment", false, checkMark)
	spec["trim"] = filetable.Bool("trim")
	return filetable.Together(spec, "Contradictory csv source", "directory", func(a providers.Attributes) error {
		_, err := newOptions(a)
		return err
	})
}

// sharedSpec is what sources and destinations have in common.
func sharedSpec() hcldec.ObjectSpec {
	return hcldec.ObjectSpec{
		"extension":        filetable.Text("extension", false, filetable.CheckExtension),
		"delimiter":        filetable.Text("delimiter", false, checkDelimiter),
		"encoding":         filetable.Text("encoding", false, checkEncoding),
		"header":           filetable.Bool("header"),
		"quote":            filetable.Text("quote", false, checkMark),
		"null":             filetable.Text("null", false, func(string) error { return nil }),
		"date_format":      filetable.Text("date_format", false, filetable.CheckDateFormat),
		"timestamp_format": filetable.Text("timestamp_format", false, filetable.CheckStampFormat),
		"decimal":          filetable.Text("decimal", false, filetable.CheckDecimal),
		"thousands":        filetable.Text("thousands", false, filetable.CheckThousands),
		"true_values":      filetable.Texts("true_values", filetable.CheckTruths),
		"false_values":     filetable.Texts("false_values", filetable.CheckTruths),
		"types":            filetable.TypesSpec(),
	}
}

func checkEncoding(name string) error { _, err := charsetNamed(name); return err }
