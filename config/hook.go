package config

// Hooks are statements run in the destination within the transaction of an apply,
// before the first and after the last operation of the sync; only where it has any.
type Hooks struct {
	Before, After []Hook
}

// Hook is one statement.
type Hook struct {
	SQL   string
	Range Range
}

// When hooks are run, as outputs spell it.
const (
	BeforeApply = "before_apply"
	AfterApply  = "after_apply"
)
