package celcat

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of a file.
const (
	MaxOctets   = 16 << 20
	maxDepth    = 100
	maxElements = 50_000
)

// element is one of the file.
type element struct {
	name     string
	parent   *element
	children []*element
	leaves   []*leaf
	// number is its place among its siblings of that name, from 1; alone: there is no other.
	number int
	alone  bool
}

// leaf is a text of the file: an attribute, what an element holds, or a comment.
type leaf struct {
	of    *element
	name  string // "@name" of an attribute, "" of a text, "comment()" of a comment
	value string
}

// parse reads a file, whatever its elements are. It knows no entities but XML's own, and fetches nothing.
func parse(src []byte) (*element, error) {
	if len(src) > MaxOctets {
		return nil, fmt.Errorf("the file has more than %d octets", MaxOctets)
	}
	decoder, err := newDecoder(src)
	if err != nil {
		return nil, err
	}
	root := &element{}
	at, depth, count := root, 0, 0
	for {
		token, err := decoder.Token()
		line, _ := decoder.InputPos()
		switch {
		case errors.Is(err, io.EOF):
			if len(root.children) != 1 {
				return nil, errors.New("the file holds no element: an XML file is expected")
			}
			root.settle()
			return root, nil
		case err != nil:
			return nil, fmt.Errorf("not well-formed XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			if count += 1 + len(token.Attr); depth > maxDepth || count > maxElements {
				return nil, fmt.Errorf("line %d: elements nested more than %d deep, or more than %d in all", line, maxDepth, maxElements)
			}
			child := &element{name: token.Name.Local, parent: at}
			for _, a := range token.Attr {
				child.add("@"+a.Name.Local, a.Value)
			}
			at.children = append(at.children, child)
			at = child
		case xml.EndElement:
			depth--
			at = at.parent
		case xml.CharData:
			at.text(string(token))
		case xml.Comment:
			at.add("comment()", string(token))
		case xml.Directive:
			return nil, fmt.Errorf("line %d: a document type (<!DOCTYPE …>) is refused, since it may define entities: take it out of a copy of the file", line)
		}
	}
}

// newDecoder reads the encodings that Windows writes.
func newDecoder(src []byte) (*xml.Decoder, error) {
	wide := bytes.HasPrefix(src, []byte{0xff, 0xfe}) || bytes.HasPrefix(src, []byte{0xfe, 0xff})
	if wide {
		text, _, err := transform.Bytes(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder(), src)
		if err != nil {
			return nil, fmt.Errorf("not UTF-16, as its first octets say: %w", err)
		}
		src = text
	}
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff"))))
	decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		name := strings.ToLower(charset)
		if strings.HasPrefix(name, "utf-16") && wide {
			return input, nil // decoded above
		}
		known := map[string]*charmap.Charmap{
			"windows-1252": charmap.Windows1252, "iso-8859-1": charmap.ISO8859_1, "iso-8859-15": charmap.ISO8859_15, "latin1": charmap.ISO8859_1, "us-ascii": charmap.ISO8859_1, "ibm850": charmap.CodePage850,
		}
		if known[name] == nil {
			return nil, fmt.Errorf("the encoding %q is not known: save the file in UTF-8", charset)
		}
		return known[name].NewDecoder().Reader(input), nil
	}
	return decoder, nil
}

func (e *element) add(name, value string) {
	e.leaves = append(e.leaves, &leaf{of: e, name: name, value: value})
}

// text adds what stands between two tags; a CDATA section is part of the text before it.
func (e *element) text(text string) {
	if n := len(e.leaves); n > 0 && e.leaves[n-1].name == "" && len(e.children) == 0 {
		e.leaves[n-1].value += text
		return
	}
	if strings.TrimSpace(text) != "" {
		e.add("", text)
	}
}

// settle numbers the children of each element.
func (e *element) settle() {
	count := map[string]int{}
	for _, c := range e.children {
		count[c.name]++
		c.number = count[c.name]
		c.settle()
	}
	for _, c := range e.children {
		c.alone = count[c.name] == 1
	}
}

// path names an element from the root on: Config/Task[2].
func (e *element) path() string {
	if e.parent == nil {
		return ""
	}
	text := e.name
	if !e.alone {
		text += "[" + strconv.Itoa(e.number) + "]"
	}
	if above := e.parent.path(); above != "" {
		return above + "/" + text
	}
	return text
}

func (l *leaf) path() string {
	path := l.of.path()
	switch {
	case l.name == "":
		return path
	case path == "":
		return l.name
	default:
		return path + "/" + l.name
	}
}

// called is the name that says what a leaf is: the attribute's, or the element's.
func (l *leaf) called() string {
	if strings.HasPrefix(l.name, "@") {
		return l.name[1:]
	}
	return l.of.name
}

// all returns the leaves of an element and of those within it, in the file's order.
func (e *element) all() []*leaf {
	out := append([]*leaf(nil), e.leaves...)
	for _, c := range e.children {
		out = append(out, c.all()...)
	}
	return out
}
