package mssql

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// maxParameters is what a statement may have, with some left for the driver's own.
const maxParameters = 2090

// fewerParameters lets the parameters of a statement that has too many of them share those of equal texts: the
// engine binds a value again wherever it needs it.
func fewerParameters(query string, args []driver.NamedValue) (string, []driver.NamedValue, error) {
	if len(args) <= maxParameters {
		return query, args, nil
	}
	var kept []driver.NamedValue
	places := make([]int, len(args)) // that each parameter has now, from 1
	seen := map[string]int{}
	for i, arg := range args {
		text, isText := arg.Value.(string)
		if at := seen[text]; isText && at > 0 && arg.Name == "" {
			places[i] = at
			continue
		}
		arg.Ordinal = len(kept) + 1
		kept = append(kept, arg)
		places[i] = len(kept)
		if isText && arg.Name == "" {
			seen[text] = len(kept)
		}
	}
	if len(kept) > maxParameters {
		return "", nil, fmt.Errorf("the statement has %d values, and SQL Server takes %d: shorten the lists of values in the configuration", len(kept), maxParameters)
	}
	return renumbered(query, places), kept, nil
}

// renumbered spells @p1, @p2, … by their new places, and leaves alone what is quoted.
func renumbered(query string, places []int) string {
	var out strings.Builder
	for i := 0; i < len(query); {
		switch c := query[i]; {
		case c == '\'' || c == '"' || c == '[':
			end := c
			if c == '[' {
				end = ']'
			}
			n := i + 1
			for n < len(query) && query[n] != end { // a doubled one begins the next piece
				n++
			}
			n = min(n+1, len(query))
			if c == '[' && n < len(query) && query[n] == ']' {
				for n < len(query) && strings.HasPrefix(query[n:], "]") { // ]] within a name
					n++
					for n < len(query) && query[n] != ']' {
						n++
					}
					n = min(n+1, len(query))
				}
			}
			out.WriteString(query[i:n])
			i = n
		case strings.HasPrefix(query[i:], "@p"):
			n := i + 2
			for n < len(query) && '0' <= query[n] && query[n] <= '9' {
				n++
			}
			number, err := strconv.Atoi(query[i+2 : n])
			if err != nil || number < 1 || number > len(places) {
				out.WriteString(query[i:n])
			} else {
				out.WriteString("@p" + strconv.Itoa(places[number-1]))
			}
			i = n
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}
