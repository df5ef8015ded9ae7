package bundle

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// lines reads lines of JSON.
type lines struct {
	in  *bufio.Reader
	buf []byte
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line, which the one after overwrites; io.EOF behind the last.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case len(l.buf) > maxRecord:
			return nil, errLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(l.buf) > 0:
			return nil, errShort
		case err != nil:
			return nil, err
		case !utf8.Valid(l.buf):
			return nil, errUTF8
		}
		return l.buf, nil
	}
}

var (
	errPlan      = errors.New("it is not an applied plan as registrar writes it: the file was written by another program")
	errOperation = errors.New("it is not an operation as registrar writes it: the file was written by another program")
	errFinding   = errors.New("it is not a finding as registrar writes it: the file was written by another program")
)

// maxName bounds the id of a plan and the address of a destination, in octets.
const maxName = 4000

func (p *HistoryPlan) check() error {
	if p.ID == "" || len(p.ID) > maxName || len(p.Destination) > maxName || len(p.Summaries) > maxListed || p.ExecutedOn.IsZero() || p.CreatedOn.IsZero() || len(p.Summaries) == 0 || p.Destination == "" {
		return errPlan
	}
	for _, s := range p.Summaries {
		if !isObject(&s) {
			return errPlan
		}
	}
	return nil
}

func (o *HistoryOperation) check() error {
	if o.PlanID == "" || o.Seq < 1 || o.Sync == "" || o.Operation == "" || o.Destination == "" || !isObject(&o.Key) || !isObject(o.Before) || !isObject(o.After) || !isObject(o.Result) {
		return errOperation
	}
	return nil
}

func (f *HistoryFinding) check() error {
	if f.PlanID == "" || f.Seq < 1 || f.Sync == "" || f.Kind == "" || f.Destination == "" || !isObject(f.Key) || !isObject(f.Detail) {
		return errFinding
	}
	return nil
}

// isObject reports whether a text is a JSON object, or there is none.
func isObject(text *string) bool {
	return text == nil || strings.HasPrefix(strings.TrimLeft(*text, " \t\r\n"), "{") && json.Valid([]byte(*text))
}
