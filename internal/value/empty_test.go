package value

import (
	"testing"
	"time"
)

func TestEmptyIsNull(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Text, Bytes, Other} {
		empty := OfText("")
		if kind == Bytes {
			empty = OfBytes(nil)
		}
		for _, isNull := range []bool{false, true} {
			typ := Type{Kind: kind, EmptyIsNull: isNull}
			got, err := typ.Fit(empty, time.UTC)
			if err != nil || got.IsNull() != isNull {
				t.Errorf("%s, EmptyIsNull %v: %q is NULL: %v, %v", kind, isNull, got.Text(), got.IsNull(), err)
			}
			if typ.Holds(&empty) == isNull {
				t.Errorf("%s, EmptyIsNull %v: Holds says %v", kind, isNull, typ.Holds(&empty))
			}
		}
	}
	padded := Type{Kind: Text, Fixed: true, EmptyIsNull: true}
	if got, err := padded.Fit(OfText("  "), time.UTC); err != nil || !got.IsNull() {
		t.Errorf("blanks of a padded column: %q, %v", got.Text(), err)
	}
}
