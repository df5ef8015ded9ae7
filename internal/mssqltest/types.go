package mssqltest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// Types on the wire. Those with an N hold NULL.
const (
	typeNull           = 0x1f
	typeInt1           = 0x30
	typeBit            = 0x32
	typeInt2           = 0x34
	typeInt4           = 0x38
	typeSmallDateTime  = 0x3a
	typeReal           = 0x3b
	typeMoney          = 0x3c
	typeDateTime       = 0x3d
	typeFloat          = 0x3e
	typeSmallMoney     = 0x7a
	typeInt8           = 0x7f
	typeGUID           = 0x24
	typeIntN           = 0x26
	typeDateN          = 0x28
	typeTimeN          = 0x29
	typeDateTime2N     = 0x2a
	typeDateTimeOffset = 0x2b
	typeBitN           = 0x68
	typeDecimalN       = 0x6a
	typeNumericN       = 0x6c
	typeFloatN         = 0x6d
	typeMoneyN         = 0x6e
	typeDateTimeN      = 0x6f
	typeVarBinary      = 0xa5
	typeVarChar        = 0xa7
	typeBinary         = 0xad
	typeChar           = 0xaf
	typeNVarChar       = 0xe7
	typeNChar          = 0xef
	typeXML            = 0xf1
	typeUDT            = 0xf0
	typeImage          = 0x22
	typeText           = 0x23
	typeVariant        = 0x62
	typeNText          = 0x63
)

// unlimited is the size of what is sent in pieces.
const unlimited = 0xffff

// wireType is a type with its parameters.
type wireType struct {
	id               byte
	size             int // in octets; unlimited for (max)
	precision, scale byte
	name             string // of a CLR type
	userType         uint32
}

// fixed maps the names of types that have no parameters to the form that holds NULL and to the
// one that does not.
var fixed = map[string]struct {
	nullable, other byte
	size            int
}{
	"bit": {typeBitN, typeBit, 1}, "tinyint": {typeIntN, typeInt1, 1}, "smallint": {typeIntN, typeInt2, 2},
	"int": {typeIntN, typeInt4, 4}, "bigint": {typeIntN, typeInt8, 8}, "real": {typeFloatN, typeReal, 4},
	"float": {typeFloatN, typeFloat, 8}, "smallmoney": {typeMoneyN, typeSmallMoney, 4}, "money": {typeMoneyN, typeMoney, 8},
	"smalldatetime": {typeDateTimeN, typeSmallDateTime, 4}, "datetime": {typeDateTimeN, typeDateTime, 8},
}

// sized maps the names of types with a length to their form, and the octets of a character.
var sized = map[string]struct {
	id   byte
	unit int
}{
	"varchar": {typeVarChar, 1}, "char": {typeChar, 1}, "nvarchar": {typeNVarChar, 2}, "nchar": {typeNChar, 2},
	"varbinary": {typeVarBinary, 1}, "binary": {typeBinary, 1},
}

// parseType reads a type as T-SQL spells it, such as decimal(10,2) or nvarchar(max). Other names
// than SQL Server's own, and geometry, geography and hierarchyid, are CLR types.
func parseType(declared string, notNull bool) (wireType, error) {
	name, rest, _ := strings.Cut(strings.ToLower(strings.TrimSpace(declared)), "(")
	var arguments []int
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, ")"), ",") {
		part = strings.TrimSpace(part)
		if part == "max" {
			arguments = append(arguments, -1)
		} else if part != "" {
			n, err := strconv.Atoi(part)
			if err != nil {
				return wireType{}, fmt.Errorf("type %q: %w", declared, err)
			}
			arguments = append(arguments, n)
		}
	}
	argument := func(i, otherwise int) int {
		if i < len(arguments) {
			return arguments[i]
		}
		return otherwise
	}
	if f, ok := fixed[name]; ok {
		if notNull {
			return wireType{id: f.other, size: f.size}, nil
		}
		return wireType{id: f.nullable, size: f.size}, nil
	}
	if s, ok := sized[name]; ok {
		if n := argument(0, 1); n > 0 {
			return wireType{id: s.id, size: n * s.unit}, nil
		}
		return wireType{id: s.id, size: unlimited}, nil
	}
	switch name {
	case "decimal", "numeric":
		t := wireType{id: typeDecimalN, precision: byte(argument(0, 18)), scale: byte(argument(1, 0))}
		if name == "numeric" {
			t.id = typeNumericN
		}
		t.size = decimalSize(t.precision)
		return t, nil
	case "date":
		return wireType{id: typeDateN, size: 3}, nil
	case "time":
		scale := argument(0, 7)
		return wireType{id: typeTimeN, scale: byte(scale), size: clockSize(scale)}, nil
	case "datetime2":
		scale := argument(0, 7)
		return wireType{id: typeDateTime2N, scale: byte(scale), size: clockSize(scale) + 3}, nil
	case "datetimeoffset":
		scale := argument(0, 7)
		return wireType{id: typeDateTimeOffset, scale: byte(scale), size: clockSize(scale) + 5}, nil
	case "uniqueidentifier":
		return wireType{id: typeGUID, size: 16}, nil
	case "rowversion", "timestamp":
		return wireType{id: typeBinary, size: 8, userType: 80}, nil
	case "xml":
		return wireType{id: typeXML, size: unlimited}, nil
	case "text":
		return wireType{id: typeText, size: 1<<31 - 1}, nil
	case "ntext":
		return wireType{id: typeNText, size: 1<<31 - 2}, nil
	case "image":
		return wireType{id: typeImage, size: 1<<31 - 1}, nil
	case "sql_variant":
		return wireType{id: typeVariant, size: 8009}, nil
	default:
		return wireType{id: typeUDT, size: unlimited, name: name}, nil
	}
}

// String spells the type as T-SQL does.
func (t wireType) String() string {
	for name, f := range fixed {
		if t.id == f.other || t.id == f.nullable && t.size == f.size {
			return name
		}
	}
	for name, s := range sized {
		switch {
		case t.id != s.id:
		case t.size == unlimited:
			return name + "(max)"
		default:
			return fmt.Sprintf("%s(%d)", name, t.size/s.unit)
		}
	}
	switch t.id {
	case typeDecimalN:
		return fmt.Sprintf("decimal(%d,%d)", t.precision, t.scale)
	case typeNumericN:
		return fmt.Sprintf("numeric(%d,%d)", t.precision, t.scale)
	case typeDateN:
		return "date"
	case typeTimeN:
		return fmt.Sprintf("time(%d)", t.scale)
	case typeDateTime2N:
		return fmt.Sprintf("datetime2(%d)", t.scale)
	case typeDateTimeOffset:
		return fmt.Sprintf("datetimeoffset(%d)", t.scale)
	case typeGUID:
		return "uniqueidentifier"
	case typeNull:
		return "null"
	case typeText:
		return "text"
	case typeNText:
		return "ntext"
	case typeImage:
		return "image"
	case typeXML:
		return "xml"
	default:
		return fmt.Sprintf("type %#x", t.id)
	}
}

// decimalSize is in octets, with the sign.
func decimalSize(precision byte) int {
	switch {
	case precision <= 9:
		return 5
	case precision <= 19:
		return 9
	case precision <= 28:
		return 13
	default:
		return 17
	}
}

// clockSize is the octets of a time of day with so many digits of a second.
func clockSize(scale int) int {
	switch {
	case scale <= 2:
		return 3
	case scale <= 4:
		return 4
	default:
		return 5
	}
}

// collation is SQL_Latin1_General_CP1_CI_AS, whose code page is 1252.
var collation = [5]byte{0x09, 0x04, 0xd0, 0x00, 0x34}

// appendType appends what a column's description says of its type.
func appendType(dst []byte, t wireType) []byte {
	dst = append(dst, t.id)
	switch t.id {
	case typeTimeN, typeDateTime2N, typeDateTimeOffset:
		dst = append(dst, t.scale)
	case typeIntN, typeBitN, typeFloatN, typeMoneyN, typeDateTimeN, typeGUID:
		dst = append(dst, byte(t.size))
	case typeDecimalN, typeNumericN:
		dst = append(dst, byte(t.size), t.precision, t.scale)
	case typeVarChar, typeChar, typeNVarChar, typeNChar:
		dst = append(binary.LittleEndian.AppendUint16(dst, uint16(t.size)), collation[:]...)
	case typeVarBinary, typeBinary:
		dst = binary.LittleEndian.AppendUint16(dst, uint16(t.size))
	case typeText, typeNText, typeImage:
		dst = binary.LittleEndian.AppendUint32(dst, uint32(t.size))
		if t.id != typeImage {
			dst = append(dst, collation[:]...)
		}
		dst = appendLong(append(dst, 1), "table")
	case typeXML:
		dst = append(dst, 0) // no schema
	case typeVariant:
		dst = binary.LittleEndian.AppendUint32(dst, uint32(t.size))
	case typeUDT:
		dst = binary.LittleEndian.AppendUint16(dst, uint16(t.size))
		dst = appendShort(appendShort(appendShort(dst, "master"), "sys"), t.name)
		dst = appendLong(dst, "Microsoft.SqlServer.Types")
	}
	return dst
}

// readType reads what a client says of a parameter's type, or of a column's in a bulk load.
func readType(c *cursor, bulk bool) wireType {
	t := wireType{id: c.u8()}
	for _, f := range fixed {
		if t.id == f.other {
			t.size = f.size
			return t
		}
	}
	switch t.id {
	case typeDateN:
		t.size = 3
	case typeTimeN, typeDateTime2N, typeDateTimeOffset:
		t.scale = c.u8()
	case typeIntN, typeBitN, typeFloatN, typeMoneyN, typeDateTimeN, typeGUID:
		t.size = int(c.u8())
	case typeDecimalN, typeNumericN:
		t.size, t.precision, t.scale = int(c.u8()), c.u8(), c.u8()
	case typeVarChar, typeChar, typeNVarChar, typeNChar:
		t.size = int(c.u16())
		c.take(len(collation))
	case typeVarBinary, typeBinary:
		t.size = int(c.u16())
	case typeText, typeNText, typeImage:
		t.size = int(c.u32())
		if t.id != typeImage {
			c.take(len(collation))
		}
		if bulk {
			c.text(int(c.u16()))
		}
	}
	return t
}
