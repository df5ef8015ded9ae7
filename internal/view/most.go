package view

// MostOnPage is how many operations of a sync PlanHTML asks for at most.
const MostOnPage = maxPageOperations

// MostInMarkdown is how many operations of a sync PlanMarkdown has room for at most, with a limit of so many octets, 0 for its
// own.
func MostInMarkdown(limit int) int {
	const least = 8 // octets of a line that names a row
	if limit <= 0 {
		limit = maxComment
	}
	return limit/least + 1
}
