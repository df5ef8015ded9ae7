package xlsx

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/suggest"
)

// limits bound what a workbook may unpack to: it is a zip file, and a small one can hold a
// stream without end.
type limits struct {
	entries int
	sheet   int64 // octets; streamed, and so never in memory
	texts   int64 // octets of the shared texts' part, and of the memory in which they are kept
	other   int64 // octets of any other part that is read
	token   int64 // octets of one element, text or attribute list
}

func defaultLimits() limits {
	return limits{entries: 10_000, sheet: 8 << 30, texts: 256 << 20, other: 16 << 20, token: 1 << 20}
}

// book is what of a workbook is needed to read its sheets.
type book struct {
	ctx    context.Context
	limits limits
	shown  string
	parts  map[string]*zip.File
	sheets []sheet
	shift  int // days from the serial numbers of the 1900 system: 0 or 1462
	texts  []string
	styles []class // by a cell's style
}

type sheet struct {
	name, part string
	hidden     bool
}

// openBook reads all of a workbook but its sheets.
func openBook(ctx context.Context, src io.ReaderAt, size int64, shown string, l limits) (*book, error) {
	b := &book{ctx: ctx, limits: l, shown: shown, parts: map[string]*zip.File{}}
	head := make([]byte, 8)
	if n, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", shown, err)
	} else if string(head[:n]) == "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" {
		return nil, fmt.Errorf("%s is protected by a password, or in the format of Excel before 2007 (.xls): save it without a password as .xlsx", shown)
	}
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole xlsx workbook: %w", shown, err)
	}
	if len(archive.File) > l.entries {
		return nil, fmt.Errorf("%s has %d parts; at most %d are read", shown, len(archive.File), l.entries)
	}
	for _, f := range archive.File {
		name := strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")
		if b.parts[name] != nil {
			return nil, fmt.Errorf("%s has the part %s twice", shown, name)
		}
		b.parts[name] = f
	}
	main, err := b.target("_rels/.rels", "", func(r relation) bool { return r.kind == "officeDocument" })
	if err != nil {
		return nil, err
	}
	if err := b.readWorkbook(main); err != nil {
		return nil, err
	}
	rels := relsOf(main)
	for kind, read := range map[string]func(part string) error{"sharedStrings": b.readTexts, "styles": b.readStyles} {
		part, err := b.target(rels, main, func(r relation) bool { return r.kind == kind })
		if errors.Is(err, errNoPart) {
			continue // a workbook of numbers without formats needs neither
		}
		if err == nil {
			err = read(part)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// sheet finds a sheet by its name; "" for the first that is not hidden.
func (b *book) sheet(name string) (*sheet, error) {
	var names []string
	for i := range b.sheets {
		s := &b.sheets[i]
		if name == s.name || name == "" && !s.hidden {
			return s, nil
		}
		names = append(names, s.name)
	}
	if name == "" {
		return nil, fmt.Errorf("%s has no sheet that is not hidden: name one, as in \"book/sheet\"", b.shown)
	}
	return nil, fmt.Errorf("%s has no sheet %q.%s Its sheets: %s", b.shown, name, suggest.Question(name, names), suggest.List(names, 10))
}

var errNoPart = errors.New("no such part")

type relation struct{ id, kind, target string }

func relsOf(part string) string { return path.Join(path.Dir(part), "_rels", path.Base(part)+".rels") }

// relations lists what a part refers to; source is the part.
func (b *book) relations(rels, source string) ([]relation, error) {
	var found []relation
	err := b.walk(rels, b.limits.other, func(_ *stream, e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(source), target)
		}
		kind := attribute(e, "Type")
		found = append(found, relation{attribute(e, "Id"), kind[strings.LastIndexByte(kind, '/')+1:], strings.TrimPrefix(target, "/")})
		return nil
	})
	return found, err
}

func (b *book) target(rels, source string, is func(relation) bool) (string, error) {
	all, err := b.relations(rels, source)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return "", fmt.Errorf("%s: %s: %w", b.shown, rels, errNoPart)
	}
	return all[i].target, nil
}

func (b *book) readWorkbook(part string) error {
	targets, err := b.relations(relsOf(part), part)
	if err != nil {
		return err
	}
	return b.walk(part, b.limits.other, func(_ *stream, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if truth(attribute(e, "date1904")) {
				b.shift = 1462
			}
		case "sheet":
			i := slices.IndexFunc(targets, func(r relation) bool { return r.id == attribute(e, "id") })
			// Others are sheets of charts, dialogs and macros.
			if i >= 0 && targets[i].kind == "worksheet" {
				state := attribute(e, "state")
				b.sheets = append(b.sheets, sheet{name: attribute(e, "name"), part: targets[i].target, hidden: state != "" && state != "visible"})
			}
		}
		return nil
	})
}

// textCost is the memory of a shared text besides its octets: a header, and what the list of them has to spare
// while it grows. A text of none takes four octets of the part, which packs to next to nothing.
const textCost = 32

// readTexts reads the texts that cells share.
func (b *book) readTexts(part string) error {
	left := b.limits.texts
	return b.walk(part, b.limits.texts, func(s *stream, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := s.text()
		if err != nil {
			return err
		}
		if left -= int64(len(text)) + textCost; left < 0 {
			return fmt.Errorf("%s: %s: the texts that cells share are too many; their memory may be %d octets", b.shown, part, b.limits.texts)
		}
		b.texts = append(b.texts, text)
		return nil
	})
}

// readStyles finds out which formats make a number a date.
func (b *book) readStyles(part string) error {
	custom := map[int]class{}
	inside := ""
	return b.walk(part, b.limits.other, func(_ *stream, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attribute(e, "numFmtId")); err == nil {
				custom[id] = classOf(attribute(e, "formatCode"))
			}
		case "cellXfs", "cellStyleXfs", "dxfs":
			inside = e.Name.Local
		case "xf":
			if inside != "cellXfs" {
				return nil
			}
			id, _ := strconv.Atoi(attribute(e, "numFmtId")) // without one: General
			known, ok := custom[id]
			if !ok {
				known = builtin(id)
			}
			b.styles = append(b.styles, known)
		}
		return nil
	})
}

// walk calls visit with each element of a part, from its beginning to its end.
func (b *book) walk(part string, limit int64, visit func(*stream, xml.StartElement) error) (err error) {
	s, err := b.stream(part, limit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			if err := visit(s, e); err != nil {
				return err
			}
		}
	}
}

// stream reads the XML of a part.
type stream struct {
	book  *book
	part  string
	src   io.ReadCloser
	bytes *budget
	xml   *xml.Decoder
}

func (b *book) stream(part string, limit int64) (*stream, error) {
	f := b.parts[part]
	if f == nil {
		return nil, fmt.Errorf("%s: %s: %w", b.shown, part, errNoPart)
	}
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%s: %s unpacks to %d octets; at most %d are read", b.shown, part, f.UncompressedSize64, limit)
	}
	src, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", b.shown, part, err)
	}
	s := &stream{book: b, part: part, src: src}
	s.bytes = &budget{src: bufio.NewReaderSize(src, 64<<10), left: limit, most: b.limits.token}
	s.xml = xml.NewDecoder(s.bytes)
	return s, nil
}

// next returns the next token, and io.EOF only after the last of a well-formed document.
func (s *stream) next() (xml.Token, error) {
	s.bytes.token = s.bytes.most
	token, err := s.xml.Token()
	if err == nil || errors.Is(err, io.EOF) {
		return token, err
	}
	return nil, fmt.Errorf("%s is broken: %s: %w", s.book.shown, s.part, err)
}

// text returns the text within the element that was begun, up to its end: that of all its runs, but
// not how they are to be pronounced.
func (s *stream) text() (string, error) {
	var out strings.Builder
	depth, silent, inside := 1, 0, false
	for depth > 0 {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "rPh" {
				silent = depth
			}
			inside = t.Name.Local == "t" && silent == 0
		case xml.EndElement:
			if silent == depth {
				silent = 0
			}
			depth--
			inside = false
		case xml.CharData:
			if inside {
				out.Write(t)
			}
		}
		if int64(out.Len()) > s.book.limits.token {
			return "", fmt.Errorf("%s is broken: %s: a text of more than %d octets", s.book.shown, s.part, s.book.limits.token)
		}
	}
	return unescape(out.String()), nil
}

func (s *stream) Close() error { return s.src.Close() }

// budget reads a part as far as the limits let it.
type budget struct {
	src               *bufio.Reader
	left, token, most int64
}

func (b *budget) ReadByte() (byte, error) {
	if b.left--; b.left < 0 {
		return 0, errors.New("it unpacks to more than it may")
	}
	if b.token--; b.token < 0 {
		return 0, fmt.Errorf("an element or a text is longer than %d octets", b.most)
	}
	return b.src.ReadByte()
}

func (b *budget) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := b.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func truth(text string) bool { return text == "1" || text == "true" }

// unescape reads _xHHHH_, which stands for a character that XML cannot hold.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for {
		i := strings.Index(text, "_x")
		if i < 0 || len(text) < i+7 {
			out.WriteString(text)
			return out.String()
		}
		n, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		if err != nil || text[i+6] != '_' || n >= 0xD800 && n < 0xE000 {
			out.WriteString(text[:i+2])
			text = text[i+2:]
			continue
		}
		out.WriteString(text[:i])
		out.WriteRune(rune(n))
		text = text[i+7:]
	}
}
