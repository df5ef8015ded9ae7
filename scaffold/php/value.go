// Package php reads the configuration files of PHP programs: `<?php return [ … ];`. It reads literals and nothing else, and never
// evaluates: whatever a file computes is an error that says where it is and what to write instead.
package php

import (
	"fmt"
	"strconv"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Array
)

// Value is a literal.
type Value struct {
	Kind Kind
	// Text is that of a String, and the number as it is written of an Int in decimal digits and of a Float.
	Text string
	Bool bool
	// Items are those of an Array, in order, their keys different.
	Items []Item
	At    Place
}

// Item is an element of an array.
type Item struct {
	Key string
	// Numbered: the key is a whole number, as of a list.
	Numbered bool
	Value    *Value
}

// Place is where something is written.
type Place struct {
	File string
	Line int // from 1
}

// String returns file:line.
func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Error is what is wrong with a file, at its place.
type Error struct {
	At Place
	// Found says what stands there, Remedy what to do.
	Found, Remedy string
}

func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.At.String() + ": " + e.Found
	}
	return e.At.String() + ": " + e.Found + "\n" + e.Remedy
}

// Get returns the item of that key, nil where there is none or where v is no array.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.Items {
		if v.Items[i].Key == key {
			return v.Items[i].Value
		}
	}
	return nil
}

// set puts an item in the place of that of its key, or at the end.
func (v *Value) set(item Item, index map[string]int) {
	if i, ok := index[item.Key]; ok {
		v.Items[i] = item
		return
	}
	index[item.Key] = len(v.Items)
	v.Items = append(v.Items, item)
}

// Merge returns a with what b has besides: of the same key, arrays are merged and other values replaced; numbered items are added. So
// do the frameworks that read several files.
func Merge(a, b *Value) *Value {
	if a == nil || a.Kind != Array || b.Kind != Array {
		return b
	}
	merged := &Value{Kind: Array, At: a.At}
	index := map[string]int{}
	next := 0
	add := func(item Item) {
		if item.Numbered {
			item.Key = strconv.Itoa(next)
			next++
		}
		if i, ok := index[item.Key]; ok && !item.Numbered {
			item.Value = Merge(merged.Items[i].Value, item.Value)
		}
		merged.set(item, index)
	}
	for _, from := range []*Value{a, b} {
		for _, item := range from.Items {
			add(item)
		}
	}
	return merged
}
