package xlsx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/xuri/excelize/v2"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/filetable"
)

var _ filetable.Exporter = (*Provider)(nil)

// FormatSpec implements filetable.Exporter.
func (*Provider) FormatSpec() hcldec.ObjectSpec {
	return hcldec.ObjectSpec{
		"extension": filetable.Text("extension", false, filetable.CheckExtension),
		"sheet":     filetable.Text("sheet", false, checkSheet),
		"types":     filetable.TypesSpec(),
	}
}

// Format implements filetable.Exporter.
func (*Provider) Format(a providers.Attributes) (filetable.Format, error) {
	f := &format{extension: a.StringOr("extension", ".xlsx"), sheet: a.StringOr("sheet", "Sheet1")}
	if err := filetable.Named("extension", filetable.CheckExtension(f.extension)); err != nil {
		return nil, err
	}
	if err := filetable.Named("sheet", checkSheet(f.sheet)); err != nil {
		return nil, err
	}
	var err error
	if f.types, err = filetable.ParseTypes(a.Strings("types")); err != nil {
		return nil, err
	}
	described, err := json.Marshal(map[string]any{"sheet": f.sheet, "types": a["types"]})
	f.description = string(described)
	return f, err
}

func checkSheet(name string) error {
	if name == "" || len(utf16.Encode([]rune(name))) > excelize.MaxSheetNameLength || strings.ContainsAny(name, `:\/?*[]`) || strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'") || checkText(name) != nil {
		return fmt.Errorf("%q is not a sheet's name: it has 1 to %d characters, none of them : \\ / ? * [ or ], and no apostrophe at an end", name, excelize.MaxSheetNameLength)
	}
	return nil
}

// format writes workbooks of one sheet, whose first row holds the columns' names.
type format struct {
	extension, sheet, description string
	types                         filetable.Types
}

func (f *format) Extension() string { return f.extension }

func (f *format) Description() string { return f.description }

// Guard implements filetable.Format: no text in a workbook is a formula.
func (*format) Guard(v value.Value) value.Value { return v }

// Charset implements filetable.Format.
func (*format) Charset() string { return "utf-8, as all workbooks" }

func (f *format) Kind(table, column string) (value.Kind, error) {
	kind, ok, err := f.types.Of(table, column)
	if err == nil && !ok {
		kind = value.Text
	}
	return kind, err
}

// Fraction is milliseconds: a double holds a day and its time.
func (*format) Fraction(kind value.Kind) int {
	if kind == value.Time || kind == value.DateTime {
		return 3
	}
	return 9
}

// maxDigits is how many digits of a number survive in every spreadsheet.
const maxDigits = 15

// Fit implements filetable.Format. An empty text is an empty cell, and a number has no scale.
func (*format) Fit(kind value.Kind, v value.Value) (value.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	if v.Kind() != kind {
		return value.Value{}, fmt.Errorf("is a %s, where a %s was declared", v.Kind(), kind)
	}
	switch kind {
	case value.Text:
		if v.Str() == "" {
			return value.Value{}, nil
		}
		return v, checkText(v.Str())
	case value.Int:
		if n := v.Int(); n > 999_999_999_999_999 || n < -999_999_999_999_999 {
			return value.Value{}, tooManyDigits()
		}
	case value.Decimal:
		return fitDecimal(v)
	case value.Float:
		text := v.Text()
		if strings.ContainsAny(text, "yN") {
			return value.Value{}, errors.New("is not a number, which a workbook cannot hold")
		}
		if v.Float() == 0 {
			return value.OfFloat(0), nil // there is no -0
		}
	case value.Date, value.DateTime:
		first := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
		if t := v.Time(); v.IsInfinite() || t.Before(first) || t.Year() > 9999 {
			return value.Value{}, errors.New("lies outside of the days that a workbook can hold, 1900-03-01 to 9999-12-31: declare the column as text")
		}
		if v.Time().Nanosecond()%int(time.Millisecond) != 0 {
			return value.Value{}, errors.New("is more exact than the milliseconds that a workbook holds")
		}
	case value.Time:
		if c := v.Clock(); c >= 24*time.Hour || c%time.Millisecond != 0 {
			return value.Value{}, errors.New("is 24:00, or more exact than the milliseconds that a workbook holds")
		}
	}
	return v, nil
}

func tooManyDigits() error {
	return fmt.Errorf("has more than the %d digits that spreadsheets keep of a number: declare the column as text", maxDigits)
}

func fitDecimal(v value.Value) (value.Value, error) {
	text := v.Str()
	if strings.ContainsAny(text, "yN") {
		return value.Value{}, errors.New("is not a number, which a workbook cannot hold")
	}
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if strings.Trim(text, "-0") == "" {
		text = "0"
	}
	digits := strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(text), "0")
	if len(digits) > maxDigits || len(text) > 300 {
		return value.Value{}, tooManyDigits()
	}
	return value.ParseDecimal(text)
}

func checkText(text string) error {
	if len(text) > excelize.TotalCellChars && len(utf16.Encode([]rune(text))) > excelize.TotalCellChars {
		return fmt.Errorf("is longer than the %d characters that a cell holds", excelize.TotalCellChars)
	}
	if !utf8.ValidString(text) {
		return errors.New("is not valid UTF-8")
	}
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return errors.New("holds a character that a workbook cannot hold")
		}
	}
	return checkEscapes(text)
}

// escape looks like what stands for a character in a workbook, and is itself escaped.
var escape = regexp.MustCompile(`^_x[a-zA-Z\d]{4}_`)

// checkEscapes refuses what excelize escapes wrongly: escapes of no character, and those that
// share an underscore.
func checkEscapes(text string) error {
	for {
		i := strings.Index(text, "_x")
		if i < 0 {
			return nil
		}
		text = text[i:]
		if !escape.MatchString(text) {
			text = text[1:]
			continue
		}
		n, err := strconv.ParseUint(text[2:6], 16, 16)
		if err != nil || utf16.IsSurrogate(rune(n)) || escape.MatchString(text[6:]) {
			return errors.New("holds an underscore, an x, four letters or digits and an underscore, which stands for a character in a workbook")
		}
		text = text[6:]
	}
}

// Write implements filetable.Format.
func (f *format) Write(ctx context.Context, w io.Writer, _ string, columns []providers.Column, next func(row []value.Value) error) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	// Nothing may depend on who writes, or when: equal rows are equal files.
	props := &excelize.DocProperties{Creator: "registrar", LastModifiedBy: "registrar", Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}
	if err := book.SetDocProps(props); err != nil {
		return err
	}
	if err := book.SetSheetName("Sheet1", f.sheet); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(f.sheet)
	if err != nil {
		return err
	}
	styles, err := f.begin(book, out, columns)
	if err != nil {
		return err
	}
	row, cells := make([]value.Value, len(columns)), make([]any, len(columns))
	for n := 2; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := next(row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for i, v := range row {
			content, err := content(v)
			if err != nil {
				return fmt.Errorf("column %q: %w", columns[i].Name, err)
			}
			cells[i] = excelize.Cell{StyleID: styles[i], Value: content}
		}
		if err := out.SetRow("A"+strconv.Itoa(n), cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

// begin sets the columns' formats, also for what people add by hand, and writes the header.
func (f *format) begin(book *excelize.File, out *excelize.StreamWriter, columns []providers.Column) (styles []int, err error) {
	const asText = 49
	header, err := book.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	names := make([]any, len(columns))
	styles = make([]int, len(columns))
	for i, c := range columns {
		style := &excelize.Style{}
		switch c.Type.Kind {
		case value.Text, value.Instant:
			style.NumFmt = asText
		case value.Date:
			style.CustomNumFmt = new("yyyy-mm-dd")
		case value.DateTime:
			style.CustomNumFmt = new("yyyy-mm-dd hh:mm:ss")
		case value.Time:
			style.CustomNumFmt = new("hh:mm:ss")
		}
		if styles[i], err = book.NewStyle(style); err != nil {
			return nil, err
		}
		if err := out.SetColStyle(i+1, i+1, styles[i]); err != nil {
			return nil, err
		}
		if err := checkText(c.Name); err != nil {
			return nil, fmt.Errorf("the name of column %q %w", c.Name, err)
		}
		names[i] = excelize.Cell{StyleID: header, Value: c.Name}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return styles, out.SetRow("A1", names)
}

// content is a fitted value as excelize writes it.
func content(v value.Value) (any, error) {
	switch v.Kind() {
	case value.Null:
		return nil, nil //nolint:nilnil // an empty cell
	case value.Int:
		return v.Int(), nil
	case value.Float:
		return v.Float(), nil
	case value.Decimal:
		return strconv.ParseFloat(v.Str(), 64)
	case value.Bool:
		return v.Bool(), nil
	case value.Date, value.DateTime:
		since := v.Time().UnixMilli() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).UnixMilli()
		return float64(since) / dayInMS, nil
	case value.Time:
		return float64(v.Clock().Milliseconds()) / dayInMS, nil
	default:
		return v.Text(), nil
	}
}

// Read implements filetable.Format. People may have named the sheet otherwise: it is the first.
func (f *format) Read(ctx context.Context, file *os.File, shown, table string, kind func(column string) (value.Kind, error), _ []string) (providers.Rows, error) {
	o := &options{header: true, firstRow: 1}
	if err := o.reading.Set(providers.Attributes{}); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r, err := openRows(ctx, file, o, shown, table, "", func(column string) (value.Kind, bool, error) {
		k, err := kind(column)
		return k, true, err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}
