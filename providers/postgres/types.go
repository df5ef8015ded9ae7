package postgres

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/registrar-sync/registrar/internal/value"
)

// typeOf describes a type: its OID (a domain's base type's), its name in pg_type,
// the modifier of the column, and how format_type spells the two.
func typeOf(oid uint32, name string, modifier int32, spelt string) value.Type {
	t := value.Type{Kind: value.Other, SQL: spelt}
	switch oid {
	case pgtype.BoolOID:
		t.Kind = value.Bool
	case pgtype.Int2OID:
		t.Kind, t.Size = value.Int, 16
	case pgtype.Int4OID:
		t.Kind, t.Size = value.Int, 32
	case pgtype.Int8OID:
		t.Kind, t.Size = value.Int, 64
	case pgtype.Float4OID:
		t.Kind, t.Size = value.Float, 32
	case pgtype.Float8OID:
		t.Kind, t.Size = value.Float, 64
	case pgtype.NumericOID:
		t.Kind = value.Decimal
		t.Precision, t.Scale = numericModifier(modifier)
	case pgtype.TextOID, pgtype.NameOID:
		t.Kind = value.Text
	case pgtype.VarcharOID:
		t.Kind, t.Size = value.Text, lengthModifier(modifier)
	case pgtype.BPCharOID:
		t.Kind, t.Size, t.Fixed = value.Text, lengthModifier(modifier), true
	case pgtype.ByteaOID:
		t.Kind = value.Bytes
	case pgtype.DateOID:
		t.Kind = value.Date
	case pgtype.TimeOID:
		t.Kind, t.Fraction = value.Time, fractionModifier(modifier)
	case pgtype.TimestampOID:
		t.Kind, t.Fraction = value.DateTime, fractionModifier(modifier)
	case pgtype.TimestamptzOID:
		t.Kind, t.Fraction = value.Instant, fractionModifier(modifier)
	case pgtype.JSONOID, pgtype.JSONBOID:
		t.Kind = value.JSON
	case pgtype.UUIDOID:
		t.Kind = value.UUID
	default:
		if name == "citext" { // an extension's: its OID differs from database to database
			t.Kind = value.Text
		}
	}
	return t
}

// headerSize is what the modifiers of numeric and of the character types count in.
const headerSize = 4

func lengthModifier(modifier int32) int { return int(max(modifier-headerSize, 0)) }

// numericModifier returns precision and scale; 0, 0 where the scale is not one that
// every value of the column shows, such as numeric(5,-2).
func numericModifier(modifier int32) (precision, scale int) {
	if modifier < headerSize {
		return 0, 0
	}
	modifier -= headerSize
	precision = int(modifier >> 16 & 0xffff)
	scale = int(modifier&0x7ff^0x400) - 0x400 // eleven bits with a sign
	if scale < 0 || scale > precision {
		return 0, 0
	}
	return precision, scale
}

func fractionModifier(modifier int32) int {
	if modifier < 0 {
		return 6
	}
	return int(modifier)
}
