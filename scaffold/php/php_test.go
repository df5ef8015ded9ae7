package php

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// text writes a value so that all of it can be compared.
func (v *Value) text() string {
	switch v.Kind {
	case Array:
		parts := make([]string, len(v.Items))
		for i, item := range v.Items {
			parts[i] = item.Key + ":" + item.Value.text()
		}
		return "[" + strings.Join(parts, " ") + "]"
	case Bool:
		return fmt.Sprint(v.Bool)
	case Null:
		return "null"
	case String:
		return fmt.Sprintf("%q", v.Text)
	default:
		return v.Text
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{"<?php return [];", "[]"},
		{"return [1, 2,];", "[0:1 1:2]"},
		{"<?php\ndeclare(strict_types=1);\nnamespace A\\B;\nuse C\\D as E;\nreturn array('a' => array(), \"b\" => TRUE, 'c' => Null,);\n?>\n", "[a:[] b:true c:null]"},
		{`return ['it''s' => 1];`, ""}, // two texts, as PHP has it
		{`return ['it\'s \\ \n', "a\tb\"\x41\101\u{e9}\$x \q"];`, `[0:"it's \\ \\n" 1:"a\tb\"AAé$x \\q"]`},
		{"return [5 => 'a', 'b', '7' => 'c', 'd', -3 => 'e'];", `[5:"a" 6:"b" 7:"c" 8:"d" -3:"e"]`},
		{"return [0x1F, 017, 0b11, 1_000, 1.50, -2, .5, 1e3];", "[0:31 1:15 2:3 3:1000 4:1.50 5:-2 6:.5 7:1e3]"},
		{"# one\n// two\n/* three */ return /** four */ ['a' /* x */ => # y\n 1];", "[a:1]"},
		{"return [<<<'EOT'\nselect $x\n  'a\\b'\nEOT\n,\n];", `[0:"select $x\n  'a\\b'"]`},
		{"return [<<<SQL\n    a\n      b\\tc\n\n    SQL];", `[0:"a\n  b\tc\n"]`},
		{"return [<<<\"EOT\"\r\nEOTX\r\nEOT\r\n];", `[0:"EOTX"]`},
		{"return ['$a', \"costs 5$\", \"a $ b\"];", `[0:"$a" 1:"costs 5$" 2:"a $ b"]`},
	} {
		v, err := Parse("f.php", []byte(c.src))
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%s: no error", c.src)
		case c.want != "" && err != nil:
			t.Errorf("%s: %v", c.src, err)
		case c.want != "" && v.text() != c.want:
			t.Errorf("%s: %s, want %s", c.src, v.text(), c.want)
		}
	}
}

// Whatever computes is refused, with its line and what it is.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, at, found string }{
		{"<?php\nreturn [\n'a' => getenv('X'),\n];", "f.php:3", `the function "getenv" is called`},
		{"<?php\nreturn ['a' => $_ENV['X']];", "f.php:2", "a variable"},
		{"<?php\nreturn ['a' => \"x\n$y\"];", "f.php:3", "a variable within a text"},
		{"<?php return ['a' => \"{$y}\"];", "f.php:1", "a variable within a text"},
		{"return ['a' => 'b' . 'c'];", "f.php:1", "texts joined by a point"},
		{"return ['a' => __DIR__];", "f.php:1", `constant or keyword "__DIR__"`},
		{"return ['a' => Driver::class];", "f.php:1", `constant of the class "Driver"`},
		{"return [Foo\\Bar::X => 1];", "f.php:1", `constant of the class "Foo\\Bar"`},
		{"return ['a' => new Foo];", "f.php:1", "an object or a function"},
		{"return ['a' => fn() => 1];", "f.php:1", "called"},
		{"return ['a' => 1 + 2];", "f.php:1", `'+'`},
		{"return ['a' => 1 ? 2 : 3];", "f.php:1", `'?'`},
		{"return [...[1]];", "f.php:1", "the operator ..."},
		{"return [include 'x.php'];", "f.php:1", "another file is included"},
		{"<?php $a = 1; return [];", "f.php:1", "a variable"},
		{"<?php return []; echo 1;", "f.php:1", "behind the returned array"},
		{"return ['a' => 1,\n'a' => 2];", "f.php:2", "twice"},
		{"return [1.5 => 1];", "f.php:1", "key"},
		{"return [<<<EOT\n$x\nEOT];", "f.php:", "a variable within a text"},
		{"return [<<<EOT\nabc", "f.php:1", "missing"},
		{"return ['a", "f.php:1", "does not end"},
		{"return [1, 2", "f.php:1", ""},
		{"", "f.php:1", "without return"},
		{"return " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + ";", "f.php:1", "nested more than"},
		{"return ['a' => \xff];", "f.php:1", "not in UTF-8"},
		{"return [" + strings.Repeat("1,", maxValues) + "];", "f.php:1", "more than"},
		{"return ['" + strings.Repeat("x", MaxOctets) + "'];", "f.php:1", "octets"},
	} {
		_, err := Parse("f.php", []byte(c.src))
		failed, ok := errors.AsType[*Error](err)
		if !ok || !strings.HasPrefix(failed.Error(), c.at) || !strings.Contains(failed.Error(), c.found) {
			t.Errorf("%.60s: %v, want %s: %s", c.src, err, c.at, c.found)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	parse := func(src string) *Value {
		v, err := Parse("f", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	got := Merge(parse("return ['a' => ['x' => 1, 'y' => 2], 'l' => [1], 's' => 't'];"), parse("return ['a' => ['y' => 3, 'z' => 4], 'l' => [2], 's' => 'u'];"))
	if want := `[a:[x:1 y:3 z:4] l:[0:1 1:2] s:"u"]`; got.text() != want {
		t.Errorf("%s, want %s", got.text(), want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"<?php return ['a' => [1, \"b\\u{41}\", <<<'X'\nabc\nX\n]];", "return [<<<A\n  b\n  A, 0x1, -1.5e3, null];", "return ['a' => $x];", "/*", "return [\"\\"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := Parse("f.php", src)
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("an error without a place: %v", err)
		}
		if err == nil && v == nil {
			t.Error("neither a value nor an error")
		}
	})
}
