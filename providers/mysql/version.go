package mysql

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// version is a server's: the two products count apart.
type version struct {
	mariaDB             bool
	major, minor, patch int
}

// parseVersion reads what VERSION() returns: 8.0.36, 10.11.6-MariaDB-log. What cannot be read is 0.
func parseVersion(text string) version {
	// Behind a replication hack, MariaDB 10 calls itself 5.5.5-10.…
	text = strings.TrimPrefix(text, "5.5.5-")
	v := version{mariaDB: strings.Contains(strings.ToLower(text), "mariadb")}
	numbers, _, _ := strings.Cut(text, "-")
	for i, part := range strings.SplitN(numbers, ".", 3) {
		n, _ := strconv.Atoi(part)
		*[]*int{&v.major, &v.minor, &v.patch}[i] = n
	}
	return v
}

func (v version) String() string {
	product := "MySQL"
	if v.mariaDB {
		product = "MariaDB"
	}
	return fmt.Sprintf("%s %d.%d.%d", product, v.major, v.minor, v.patch)
}

// atLeast compares numbers, whatever the product.
func (v version) atLeast(major, minor, patch int) bool {
	return cmp.Or(cmp.Compare(v.major, major), cmp.Compare(v.minor, minor), cmp.Compare(v.patch, patch)) >= 0
}

// readOnly reports whether the server has read-only transactions.
func (v version) readOnly() bool {
	if v.mariaDB {
		return v.atLeast(10, 0, 0)
	}
	return v.atLeast(5, 6, 5)
}
