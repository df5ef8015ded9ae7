package csv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/registrar-sync/registrar/internal/suggest"
)

// charset is a declared encoding. UTF-8 and the single-byte encodings, which
// all contain ASCII, are scanned as they are and decoded field by field, so that
// a faulty byte has a line and a column. UTF-16 becomes UTF-8 on the way in.
type charset struct {
	name   string
	single *charmap.Charmap // nil for the Unicode encodings
	// order of UTF-16; nil for the others, and for "utf-16", whose byte order mark says it.
	order binary.ByteOrder
	utf16 bool
}

func charsets() []charset {
	return []charset{
		{name: "utf-8"},
		{name: "utf-16", utf16: true},
		{name: "utf-16le", utf16: true, order: binary.LittleEndian},
		{name: "utf-16be", utf16: true, order: binary.BigEndian},
		{name: "iso-8859-1", single: charmap.ISO8859_1},
		{name: "iso-8859-2", single: charmap.ISO8859_2},
		{name: "iso-8859-3", single: charmap.ISO8859_3},
		{name: "iso-8859-4", single: charmap.ISO8859_4},
		{name: "iso-8859-5", single: charmap.ISO8859_5},
		{name: "iso-8859-6", single: charmap.ISO8859_6},
		{name: "iso-8859-7", single: charmap.ISO8859_7},
		{name: "iso-8859-8", single: charmap.ISO8859_8},
		{name: "iso-8859-9", single: charmap.ISO8859_9},
		{name: "iso-8859-10", single: charmap.ISO8859_10},
		{name: "iso-8859-13", single: charmap.ISO8859_13},
		{name: "iso-8859-14", single: charmap.ISO8859_14},
		{name: "iso-8859-15", single: charmap.ISO8859_15},
		{name: "iso-8859-16", single: charmap.ISO8859_16},
		{name: "windows-1250", single: charmap.Windows1250},
		{name: "windows-1251", single: charmap.Windows1251},
		{name: "windows-1252", single: charmap.Windows1252},
		{name: "windows-1253", single: charmap.Windows1253},
		{name: "windows-1254", single: charmap.Windows1254},
		{name: "windows-1255", single: charmap.Windows1255},
		{name: "windows-1256", single: charmap.Windows1256},
		{name: "windows-1257", single: charmap.Windows1257},
		{name: "windows-1258", single: charmap.Windows1258},
		{name: "ibm437", single: charmap.CodePage437},
		{name: "ibm850", single: charmap.CodePage850},
		{name: "ibm858", single: charmap.CodePage858},
		{name: "macintosh", single: charmap.Macintosh},
	}
}

func charsetNamed(name string) (charset, error) {
	lower := strings.ToLower(name)
	switch lower {
	case "utf8":
		lower = "utf-8"
	case "utf16":
		lower = "utf-16"
	case "latin1":
		lower = "iso-8859-1"
	case "latin9":
		lower = "iso-8859-15"
	case "cp1252":
		lower = "windows-1252"
	}
	all := charsets()
	names := make([]string, len(all))
	for i, c := range all {
		if c.name == lower {
			return c, nil
		}
		names[i] = c.name
	}
	hint := suggest.Question(name, names)
	if hint == "" {
		hint = " Some known ones: utf-8, iso-8859-1, iso-8859-15, windows-1252, utf-16."
	}
	return charset{}, fmt.Errorf("%q is not a known encoding.%s", name, hint)
}

// encode returns the bytes of a character as they stand in what the scanner sees.
func (c charset) encode(r rune) ([]byte, error) {
	if c.single == nil {
		return utf8.AppendRune(nil, r), nil
	}
	b, ok := c.single.EncodeRune(r)
	if !ok {
		return nil, fmt.Errorf("the character %q does not exist in %s", r, c.name)
	}
	return []byte{b}, nil
}

// The byte order marks, the longest first where one begins another.
func boms() []struct{ mark, encoding string } {
	return []struct{ mark, encoding string }{
		{"\xEF\xBB\xBF", "utf-8"},
		{"\xFF\xFE\x00\x00", "utf-32le"},
		{"\x00\x00\xFE\xFF", "utf-32be"},
		{"\xFF\xFE", "utf-16le"},
		{"\xFE\xFF", "utf-16be"},
	}
}

// reader returns what the scanner reads: src without its byte order mark, and
// in UTF-8 where it was UTF-16. A mark of another encoding is an error.
func (c charset) reader(src io.Reader) (io.Reader, error) {
	head := make([]byte, 4)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	head = head[:n]
	found := ""
	for _, b := range boms() {
		if bytes.HasPrefix(head, []byte(b.mark)) {
			found = b.encoding
			head = head[len(b.mark):]
			break
		}
	}
	switch {
	case c.utf16 && c.order == nil && (found == "utf-16le" || found == "utf-16be"):
		c.order = binary.ByteOrder(binary.LittleEndian)
		if found == "utf-16be" {
			c.order = binary.BigEndian
		}
	case found != "" && found != c.name:
		return nil, fmt.Errorf("it begins with the byte order mark of %s, but its encoding is declared as %s", found, c.name)
	case c.utf16 && c.order == nil && n > 0:
		return nil, errors.New(`it has no byte order mark: declare its encoding as "utf-16le" or "utf-16be"`)
	}
	src = io.MultiReader(bytes.NewReader(head), src)
	if c.order != nil {
		return transform.NewReader(src, utf16Decoder{order: c.order}), nil
	}
	return src, nil
}

// malformed stands for UTF-16 that cannot be decoded. It is never part of UTF-8,
// so that the check of the field which it falls into names line and column.
const malformed = 0xFF

// utf16Decoder turns UTF-16 into UTF-8. The decoder of x/text writes U+FFFD for
// what it cannot decode, which cannot be told from a U+FFFD in the file.
type utf16Decoder struct {
	transform.NopResetter
	order binary.ByteOrder
}

func (d utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if len(dst)-nDst < utf8.UTFMax {
			return nDst, nSrc, transform.ErrShortDst
		}
		rest := src[nSrc:]
		if len(rest) < 2 {
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			dst[nDst] = malformed
			return nDst + 1, nSrc + 1, nil
		}
		r, size := rune(d.order.Uint16(rest)), 2
		if utf16.IsSurrogate(r) {
			if len(rest) < 4 && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			pair := rune(utf8.RuneError)
			if len(rest) >= 4 {
				pair = utf16.DecodeRune(r, rune(d.order.Uint16(rest[2:])))
			}
			if pair == utf8.RuneError {
				dst[nDst] = malformed
				nDst, nSrc = nDst+1, nSrc+2
				continue
			}
			r, size = pair, 4
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// decode appends the UTF-8 text of a field to dst. Its errors say what is
// wrong, and never show the text.
func (c charset) decode(dst, field []byte) ([]byte, error) {
	if slices.Contains(field, 0) {
		return dst, fmt.Errorf("it contains a NUL character: is the file really %s?", c.name)
	}
	if c.single == nil {
		if !utf8.Valid(field) {
			return dst, fmt.Errorf("it holds bytes that are not %s: declare the file's encoding", c.name)
		}
		return append(dst, field...), nil
	}
	for _, b := range field {
		if b < utf8.RuneSelf {
			dst = append(dst, b)
			continue
		}
		r := c.single.DecodeByte(b)
		if r == utf8.RuneError {
			return dst, fmt.Errorf("it holds the byte 0x%02X, which %s does not have: declare the file's encoding", b, c.name)
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst, nil
}

// isPlain reports whether decoding raw would copy it as it is.
func (c charset) isPlain(raw []byte) bool {
	if bytes.IndexByte(raw, 0) >= 0 {
		return false
	}
	if c.single == nil {
		return utf8.Valid(raw)
	}
	return isASCII(raw)
}

func isASCII(raw []byte) bool {
	const high = 0x8080808080808080
	for len(raw) >= 8 {
		if binary.NativeEndian.Uint64(raw)&high != 0 {
			return false
		}
		raw = raw[8:]
	}
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
