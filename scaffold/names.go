package scaffold

import (
	"regexp"
	"strings"

	"github.com/registrar-sync/registrar/scaffold/hcltext"
)

var (
	humps = regexp.MustCompile(`(\p{Ll}|\d)(\p{Lu})`)
	parts = regexp.MustCompile(`[\p{L}\p{N}]+`)
)

// longestPhrase is in words.
const longestPhrase = 4

// joined is a name as it is compared first: without case, accents and what parts its words.
func joined(name string) string { return strings.Join(wordsOf(name), "") }

// wordsOf takes a name apart.
func wordsOf(name string) []string {
	return parts.FindAllString(hcltext.Bare(humps.ReplaceAllString(name, "${1}_${2}")), -1)
}

// conceptsOf says what the words of a name stand for; unknown ones stand for themselves.
func conceptsOf(name string) []string {
	var found []string
	all := wordsOf(name)
	for i := 0; i < len(all); {
		n, concept := phraseAt(all[i:])
		if n == 0 {
			n, concept = 1, conceptOf(all[i])
		}
		i += n
		if concept != "" {
			found = append(found, strings.Fields(concept)...)
		}
	}
	return settle(found)
}

func phraseAt(rest []string) (n int, concept string) {
	for n := min(longestPhrase, len(rest)); n > 0; n-- {
		if concept, ok := phrases[strings.Join(rest[:n], " ")]; ok {
			return n, concept
		}
	}
	return 0, ""
}

// conceptOf returns what one word stands for, two concepts where it is two words written as one, "" where it tells nothing.
func conceptOf(word string) string {
	if noise[word] {
		return ""
	}
	for _, form := range []string{word, strings.TrimSuffix(word, "s"), strings.TrimSuffix(word, "x"), strings.TrimSuffix(word, "e")} {
		if concept, ok := words[form]; ok {
			return concept
		}
	}
	for i := 3; i <= len(word)-3; i++ {
		first, knowsFirst := words[word[:i]]
		second, knowsSecond := words[word[i:]]
		if knowsFirst && knowsSecond {
			return first + " " + second
		}
	}
	if len(word) > 3 {
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// settle takes out what others of the concepts say already.
func settle(concepts []string) []string {
	has := map[string]bool{}
	for _, c := range concepts {
		has[c] = true
	}
	named := has["lastname"] || has["firstname"] || has["usualname"] || has["email"]
	var out []string
	seen := map[string]bool{}
	for _, c := range concepts {
		switch {
		case seen[c]:
			continue
		case c == "label" && named, c == "lastname" && has["usualname"], c == "address" && has["email"],
			c == "number" && (has["phone"] || has["mobile"] || has["ine"] || has["socialsecurity"]),
			c == "code" && (has["ine"] || has["socialsecurity"] || has["academicyear"]),
			c == "academic" && (has["year"] || has["academicyear"]), c == "long":
			continue
		case c == "label" && has["short"]:
			c = "shortlabel"
		case c == "short":
			continue
		case c == "birthdate":
			for _, part := range []string{"birth", "date"} {
				if !seen[part] {
					seen[part] = true
					out = append(out, part)
				}
			}
			continue
		}
		seen[c] = true
		out = append(out, c)
	}
	return out
}

// name is a column's, with what it can be compared by.
type name struct {
	joined   string
	concepts []string
	// inside are the concepts without those of the table that the column is of.
	inside []string
}

// nameIn prepares the name of a column of a table whose own name stands for context.
func nameIn(column string, context []string) name {
	return nameOf(joined(column), conceptsOf(column), context)
}

func nameOf(joined string, concepts, context []string) name {
	n := name{joined: joined, concepts: concepts}
	for _, c := range concepts {
		said := false
		for _, of := range context {
			said = said || c == of || persons[c] && persons[of] && c != "user"
		}
		if !said {
			n.inside = append(n.inside, c)
		}
	}
	return n
}
