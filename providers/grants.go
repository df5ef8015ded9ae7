package providers

import "context"

// Granter is a Destination whose engine has roles.
type Granter interface {
	// Grants returns the statements that give roles what they need and no more: for the register, which must be
	// there, and for what the configuration names.
	Grants(ctx context.Context, q Querier, roles Roles, objects Objects) ([]string, error)
}

// SourceGranter is a SourceProvider whose engine has roles.
type SourceGranter interface {
	// SourceGrants returns the statements that let roles read tables of a source with these attributes, named as in the
	// configuration. Nothing is opened: case is taken as it is written there.
	SourceGrants(attributes Attributes, roles, tables []string) []string
}

// Roles are the names of those that share the work. Approve may be "", for nobody.
type Roles struct {
	// Plan reads sources and destination, and writes new plans into the register.
	Plan string
	// Apply may do what planning needs, changes the tables, and says that it did.
	Apply string
	// Approve reads the register, and approves.
	Approve string
}

// Objects are what a configuration names in a destination.
type Objects struct {
	Written   []string // tables
	Read      []string // other tables
	Sequences []string // that inserts draw from
}

// UserTables are the tables of the register in whose column database_user the database itself says who wrote a row.
func UserTables() []string { return []string{"author", "approval", "disclosure", "redaction"} }

// UserTableColumns are the other columns of such a table, for engines in which roles can be kept to them. It panics for
// a table that is none of UserTables.
func UserTableColumns(table string) []string {
	switch table {
	case "approval":
		return []string{"id", "digest", "plan_id", "approved_on", "expires_on", "approved_by", "comment", "key", "signature"}
	case "disclosure":
		return []string{"id", "plan_id", "shown_on", "shown_by"}
	case "redaction":
		return []string{"id", "redacted_on", "redacted_by", "reason", "operations", "findings"}
	case "author":
		return []string{"plan_id"}
	default:
		panic("providers: in the register's table " + table + " nobody says who wrote a row")
	}
}

// RedactedColumns are the columns of a table of the register that may hold a person's values, and are replaced where these are
// redacted: of operation and finding.
func RedactedColumns(table string) []string {
	switch table {
	case "operation":
		return []string{"key", "before", "after", "result"}
	case "finding":
		return []string{"key", "message", "detail"}
	default:
		panic("providers: of the register's table " + table + " nothing is redacted")
	}
}
