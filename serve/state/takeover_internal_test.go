package state

import (
	"errors"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	const every, silence = time.Second, 4 * time.Second
	start := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		answers []time.Duration // since start; negative: an error
		want    bool            // of the last
	}{
		"the first answer":          {[]time.Duration{0}, false},
		"not for long":              {[]time.Duration{0, every, 2 * every}, false},
		"for long":                  {[]time.Duration{0, every, 2 * every, 3 * every, 4 * every}, true},
		"with an error":             {[]time.Duration{0, every, -1, 2 * every, 3 * every, 4 * every}, false},
		"long after an error":       {[]time.Duration{-1, every, 2 * every, 3 * every, 4 * every, 5 * every}, true},
		"an error at last":          {[]time.Duration{0, every, 2 * every, 3 * every, 4 * every, -1}, false},
		"with a gap":                {[]time.Duration{0, every, 2 * every, 6 * every}, false},
		"long after a gap":          {[]time.Duration{0, 6 * every, 7 * every, 8 * every, 9 * every, 10 * every}, true},
		"the clock was set back":    {[]time.Duration{10 * every, 11 * every, 12 * every, 13 * every, 0}, false},
		"the clock was set forward": {[]time.Duration{0, every, 2 * every, time.Hour}, false},
	} {
		var w watch
		got := false
		for _, after := range test.answers {
			var err error
			if after < 0 {
				err = errors.New("down")
			}
			got = w.longer(start.Add(after), err, silence, every)
		}
		if got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
