package rowexpr

import (
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/value"
)

// reference compiles row.x and row["x"].
func (c *compiler) reference(e *hclsyntax.ScopeTraversalExpr) node {
	if len(e.Traversal) == 1 {
		return c.errorf(e.Range(), unsupported, "The source row as a whole cannot be used: name one of its columns, as in row.code.")
	}
	ref := config.ColumnRef{Range: configRange(e.Range())}
	switch step := e.Traversal[1].(type) {
	case hcl.TraverseAttr:
		ref.Name = step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() != cty.String {
			return c.errorf(step.SrcRange, "Invalid column name", "A column is named by text, as in row[\"code\"]; columns have no numbers.")
		}
		ref.Name, ref.Exact = step.Key.AsString(), true
	default:
		return c.errorf(e.Range(), unsupported, "A splat expression cannot use the source row.")
	}
	if len(e.Traversal) > 2 {
		return c.errorf(e.Range(), "Invalid column reference", "A column holds one value, which has no attributes or elements.")
	}
	return c.columnNode(ref)
}

func (c *compiler) columnNode(ref config.ColumnRef) node {
	key := config.ColumnRef{Name: ref.Name, Exact: ref.Exact}
	if !ref.Exact {
		key.Name = strings.ToLower(ref.Name)
	}
	i, seen := c.refIndex[key]
	if !seen {
		i = len(c.refs)
		c.refIndex[key] = i
		c.refs = append(c.refs, ref)
	}
	return node{typ: tAny, column: &column{ref: i}, bindOne: func(index []int) eval {
		at := index[i]
		return func(row []value.Value) (value.Value, error) {
			v := row[at]
			if v.Kind() == value.Text && !isNFC(v.Str()) {
				v = value.OfText(norm.NFC.String(v.Str()))
			}
			return v, nil
		}
	}}
}

// index compiles collection[key]. A NULL on either side yields NULL.
func (c *compiler) index(e *hclsyntax.IndexExpr) node {
	if root, ok := unwrap(e.Collection).(*hclsyntax.ScopeTraversalExpr); ok && root.Traversal.RootName() == rowName && len(root.Traversal) == 1 {
		return c.computedReference(e)
	}
	if n, ok := c.piece(e.Collection, e.Key); ok {
		return n
	}
	collection, key := c.compile(e.Collection), c.compile(e.Key)
	if c.diags.HasErrors() {
		return invalid
	}
	if collection.column != nil || collection.typ.single() && collection.typ != tNull {
		return c.errorf(e.Range(), "Invalid index", "A single value has no elements.")
	}
	if !key.typ.single() && key.typ != tDynamic {
		return c.errorf(e.Key.Range(), "Invalid index", "The key must be text or a number.")
	}
	if collection.constant != nil {
		if n, ok := constantTable(collection.constant.cty, key); ok {
			return n
		}
	}
	return node{typ: tDynamic, bindCty: func(index []int) evalCty {
		collection, key := collection.cty(index), key.one(index)
		return func(row []value.Value) (cty.Value, error) {
			from, err := collection(row)
			if err != nil {
				return cty.NilVal, err
			}
			k, err := key(row)
			if err != nil {
				return cty.NilVal, err
			}
			if from.IsNull() || k.IsNull() {
				return cty.NullVal(cty.DynamicPseudoType), nil
			}
			at := ToCty(k)
			if text, ok := asText(k); ok && (from.Type().IsMapType() || from.Type().IsObjectType()) {
				at = cty.StringVal(text)
			}
			v, diags := hcl.Index(from, at, nil)
			if diags.HasErrors() {
				return cty.NilVal, errNoElement
			}
			return v, nil
		}
	}}
}

var errNoElement = errors.New("the collection has no element for this key")

// computedReference compiles row[k] where k is a constant expression.
func (c *compiler) computedReference(e *hclsyntax.IndexExpr) node {
	key := c.compile(e.Key)
	switch {
	case c.diags.HasErrors():
		return invalid
	case key.constant == nil:
		return c.errorf(e.Key.Range(), unsupported, "The name of a column cannot depend on the source row.")
	case key.typ != tText:
		return c.errorf(e.Key.Range(), "Invalid column name", "A column is named by text, as in row[\"code\"].")
	}
	return c.columnNode(config.ColumnRef{Name: key.constant.one.Str(), Exact: true, Range: configRange(e.Range())})
}

// constantTable compiles an index into a constant collection of single values as a
// look-up in a Go map or slice.
func constantTable(collection cty.Value, key node) (node, bool) {
	ty := collection.Type()
	if collection.IsNull() || !(ty.IsObjectType() || ty.IsMapType() || ty.IsTupleType() || ty.IsListType()) {
		return node{}, false
	}
	byName := map[string]value.Value{}
	var byPosition []value.Value
	result := tNull
	for it := collection.ElementIterator(); it.Next(); {
		k, element := it.Element()
		if !typeOfCty(element).single() {
			return node{}, false
		}
		v, err := FromCty(element)
		if err != nil {
			return node{}, false
		}
		if result == tNull || result == typeOf(v.Kind()) || v.IsNull() {
			if !v.IsNull() {
				result = typeOf(v.Kind())
			}
		} else {
			result = tAny
		}
		if k.Type() == cty.String {
			byName[k.AsString()] = v
		} else {
			byPosition = append(byPosition, v)
		}
	}
	if result == tNull {
		result = tAny
	}
	find := func(k value.Value) (value.Value, error) {
		name, ok := asText(k)
		if !ok {
			return value.Value{}, errNoElement
		}
		v, ok := byName[name]
		if !ok {
			return value.Value{}, errNoElement
		}
		return v, nil
	}
	if ty.IsTupleType() || ty.IsListType() {
		find = func(k value.Value) (value.Value, error) {
			n, ok := asNumber(k)
			if !ok {
				return value.Value{}, errNoElement
			}
			i, ok := asIndex(n)
			if !ok || i < 0 || i >= len(byPosition) {
				return value.Value{}, errNoElement
			}
			return byPosition[i], nil
		}
	}
	return node{typ: result, bindOne: func(index []int) eval {
		key := key.one(index)
		return func(row []value.Value) (value.Value, error) {
			k, err := key(row)
			if err != nil || k.IsNull() {
				return value.Value{}, err
			}
			return find(k)
		}
	}}, true
}

// relative compiles f(row.x).name and f(row.x)[0].
func (c *compiler) relative(e *hclsyntax.RelativeTraversalExpr) node {
	if step, ok := e.Traversal[0].(hcl.TraverseIndex); ok && len(e.Traversal) == 1 {
		if n, ok := c.piece(e.Source, &hclsyntax.LiteralValueExpr{Val: step.Key, SrcRange: step.SrcRange}); ok {
			return n
		}
	}
	source := c.compile(e.Source)
	if c.diags.HasErrors() {
		return invalid
	}
	if source.column != nil || source.typ.single() {
		return c.errorf(e.Range(), "Invalid attribute", "A single value has no attributes or elements.")
	}
	for _, step := range e.Traversal {
		switch step.(type) {
		case hcl.TraverseAttr, hcl.TraverseIndex:
		default:
			return c.errorf(e.Range(), unsupported, "A splat expression cannot use the source row.")
		}
	}
	return node{typ: tDynamic, bindCty: func(index []int) evalCty {
		source := source.cty(index)
		return func(row []value.Value) (cty.Value, error) {
			v, err := source(row)
			if err != nil {
				return cty.NilVal, err
			}
			for _, step := range e.Traversal {
				if v.IsNull() {
					return cty.NullVal(cty.DynamicPseudoType), nil
				}
				next, diags := hcl.Traversal{step}.TraverseRel(v)
				if diags.HasErrors() {
					return cty.NilVal, errNoElement
				}
				v = next
			}
			return v, nil
		}
	}}
}

// piece compiles split(separator, text)[n] without making the list, where n is a
// constant.
func (c *compiler) piece(collection, key hclsyntax.Expression) (node, bool) {
	call, ok := unwrap(collection).(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "split" || len(call.Args) != 2 || call.ExpandFinal || dependsOnRow(key) || !dependsOnRow(call) {
		return node{}, false
	}
	at := c.compile(key)
	separator, text := c.compile(call.Args[0]), c.compile(call.Args[1])
	if c.diags.HasErrors() {
		return invalid, true
	}
	n, ok := asNumber(at.constant.one)
	if !ok || !tText.accepts(separator.typ) || !tText.accepts(text.typ) || !separator.typ.single() || !text.typ.single() {
		return node{}, false
	}
	position, ok := asIndex(n)
	if !ok || position < 0 {
		return node{}, false
	}
	return applyTwo("split", separator, text, tText, tText, tText, func(separator, text value.Value) (value.Value, error) {
		rest, sep := text.Str(), separator.Str()
		if sep == "" {
			pieces := strings.Split(rest, sep)
			if position >= len(pieces) {
				return value.Value{}, errNoElement
			}
			return textOf(pieces[position]), nil
		}
		for range position {
			_, after, found := strings.Cut(rest, sep)
			if !found {
				return value.Value{}, errNoElement
			}
			rest = after
		}
		piece, _, _ := strings.Cut(rest, sep)
		return textOf(piece), nil
	}), true
}

// tuple compiles [row.a, row.b], which can only be an argument or be indexed.
func (c *compiler) tuple(e *hclsyntax.TupleConsExpr) node {
	elements := make([]node, len(e.Exprs))
	for i, expr := range e.Exprs {
		elements[i] = c.compile(expr)
	}
	return node{typ: tCollection, bindCty: func(index []int) evalCty {
		bound := bindAll(elements, index)
		return func(row []value.Value) (cty.Value, error) {
			values, err := evalAll(bound, row)
			if err != nil {
				return cty.NilVal, err
			}
			return cty.TupleVal(values), nil
		}
	}}
}

// object compiles { a = row.a }, whose keys are constant.
func (c *compiler) object(e *hclsyntax.ObjectConsExpr) node {
	names, elements := make([]string, len(e.Items)), make([]node, len(e.Items))
	for i, item := range e.Items {
		if dependsOnRow(item.KeyExpr) {
			return c.errorf(item.KeyExpr.Range(), unsupported, "An object's keys cannot depend on the source row.")
		}
		key := c.compile(item.KeyExpr)
		elements[i] = c.compile(item.ValueExpr)
		if c.diags.HasErrors() {
			return invalid
		}
		name, ok := asText(key.constant.one)
		if !ok {
			return c.errorf(item.KeyExpr.Range(), "Invalid object key", "A key must be text.")
		}
		names[i] = name
	}
	return node{typ: tCollection, bindCty: func(index []int) evalCty {
		bound := bindAll(elements, index)
		return func(row []value.Value) (cty.Value, error) {
			values, err := evalAll(bound, row)
			if err != nil {
				return cty.NilVal, err
			}
			attributes := make(map[string]cty.Value, len(names))
			for i, name := range names {
				attributes[name] = values[i]
			}
			return cty.ObjectVal(attributes), nil
		}
	}}
}

func bindAll(nodes []node, index []int) []evalCty {
	bound := make([]evalCty, len(nodes))
	for i, n := range nodes {
		bound[i] = n.cty(index)
	}
	return bound
}

func evalAll(bound []evalCty, row []value.Value) ([]cty.Value, error) {
	values := make([]cty.Value, len(bound))
	for i, f := range bound {
		v, err := f(row)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func unwrap(expr hclsyntax.Expression) hclsyntax.Expression {
	for {
		p, ok := expr.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return expr
		}
		expr = p.Expression
	}
}
