package oracle

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// NoDocument has a document's type, which each branch of a CASE must have.
func (dialect) NoDocument() string { return "TO_CLOB(NULL)" }

// membersPerCall keeps JSON_OBJECT from too many arguments.
const membersPerCall = 200

// Object puts several objects together as texts where one would be too large.
func (dialect) Object(members []sqlgen.Member) string {
	switch {
	case len(members) == 0:
		return "TO_CLOB('{}')"
	case len(members) <= membersPerCall:
		return jsonObject(members)
	}
	parts := []string{"TO_CLOB('{')"}
	for len(members) > 0 {
		n := min(membersPerCall, len(members))
		if len(parts) > 1 {
			parts = append(parts, "','")
		}
		parts = append(parts, "RTRIM(LTRIM("+jsonObject(members[:n])+", '{'), '}')")
		if members[n-1].Now {
			parts = append(parts, "'}'") // the marker's own went, too
		}
		members = members[n:]
	}
	return "(" + strings.Join(append(parts, "'}'"), " || ") + ")"
}

func jsonObject(members []sqlgen.Member) string {
	list := make([]string, len(members))
	for i, m := range members {
		text := m.Text
		if m.Now {
			text = literal(sqlgen.NowMarker) + " FORMAT JSON"
		}
		list[i] = "KEY " + literal(m.Name) + " VALUE " + text
	}
	return "JSON_OBJECT(" + strings.Join(list, ", ") + " NULL ON NULL RETURNING CLOB)"
}

// MemberText reads a member by its path. One that is too long for a VARCHAR2 counts as missing.
func (dialect) MemberText(document, name string) string {
	return "JSON_VALUE(" + document + ", " + literal(jsonPath(name)) + " RETURNING VARCHAR2(4000) NULL ON ERROR NULL ON EMPTY)"
}

// Unpack parses each document once, however many rows the operations are joined with. A member that is too long for
// its column is an error.
func (d dialect) Unpack(table string, docs []sqlgen.Doc, where string) string {
	list, from := "o.seq AS seq", " FROM "+table+" o"
	for i, doc := range docs {
		if doc.As != "" {
			list += ", o." + d.Quote(doc.Column) + " AS " + d.Quote(doc.As)
		}
		if len(doc.Members) == 0 {
			continue
		}
		alias := "d" + strconv.Itoa(i)
		columns := make([]string, len(doc.Members))
		for j, m := range doc.Members {
			kind := "VARCHAR2(4000)"
			switch {
			case m.Now:
				kind += " FORMAT JSON"
			case isLong(m.Type):
				kind = "CLOB"
			}
			columns[j] = d.Quote(m.As) + " " + kind + " PATH " + literal(jsonPath(m.Name)) + " ERROR ON ERROR NULL ON EMPTY"
			list += ", " + alias + "." + d.Quote(m.As) + " AS " + d.Quote(m.As)
		}
		from += ", JSON_TABLE(o." + d.Quote(doc.Column) + ", '$' COLUMNS (" + strings.Join(columns, ", ") + ")) " + alias
	}
	return "SELECT /*+ NO_MERGE */ " + list + from + " WHERE " + where
}

// jsonPath names a member of an object, as JSON writes its name.
func jsonPath(name string) string {
	var spelt strings.Builder
	encoder := json.NewEncoder(&spelt)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(name) // a string always can be
	return "$." + strings.TrimSpace(spelt.String())
}

// How a document is hashed: by pieces of so many characters, which share one, lest half a character be lost between
// two; as many pieces as one hash takes the hashes of, and so many groups of them.
const (
	hashedPiece  = prefixCharacters
	hashedPieces = 60
	hashedGroups = 12
)

// RowHash hashes in the server. STANDARD_HASH takes texts of 4000 octets only: what is longer is hashed by the
// hashes of its pieces. A document too long for that is an error.
func (dialect) RowHash(texts, documents []string) string {
	var parts []string
	for _, text := range texts {
		parts = append(parts, "LENGTHB("+text+") || ':' || "+text)
	}
	for _, document := range documents {
		parts = append(parts, documentHash(document))
	}
	hash := "STANDARD_HASH(" + strings.Join(parts, " || ',' || ") + ", 'SHA256')"
	if len(texts) == 0 {
		return hash
	}
	given := make([]string, len(texts))
	for i, text := range texts {
		given[i] = text + " IS NOT NULL"
	}
	return "CASE WHEN " + strings.Join(given, " AND ") + " THEN " + hash + " END"
}

// documentHash is the hexadecimal hash of a document; a dash for none.
func documentHash(document string) string {
	length := "DBMS_LOB.GETLENGTH(" + document + ")"
	one := "RAWTOHEX(STANDARD_HASH(DBMS_LOB.SUBSTR(" + document + ", " + strconv.Itoa(hashedPiece) + ", 1), 'SHA256'))"
	const group = hashedPiece * hashedPieces
	groups := make([]string, hashedGroups)
	for i := range groups {
		from := strconv.Itoa(i * group)
		groups[i] = "CASE WHEN " + length + " > " + from + " THEN (SELECT RAWTOHEX(STANDARD_HASH(LISTAGG(RAWTOHEX(STANDARD_HASH(DBMS_LOB.SUBSTR(" + document + ", " +
			strconv.Itoa(hashedPiece+1) + ", " + from + " + 1 + " + strconv.Itoa(hashedPiece) + " * (LEVEL - 1)), 'SHA256'))) WITHIN GROUP (ORDER BY LEVEL), 'SHA256')) FROM DUAL CONNECT BY LEVEL <= LEAST(" +
			strconv.Itoa(hashedPieces) + ", CEIL((" + length + " - " + from + ") / " + strconv.Itoa(hashedPiece) + "))) END"
	}
	// What is no number is the error.
	tooLong := "TO_CHAR(TO_NUMBER('the document is too long to be hashed: ' || " + length + "))"
	return "CASE WHEN " + document + " IS NULL THEN '-' WHEN " + length + " <= " + strconv.Itoa(hashedPiece) + " THEN " + one +
		" WHEN " + length + " > " + strconv.Itoa(group*hashedGroups) + " THEN " + tooLong +
		" ELSE RAWTOHEX(STANDARD_HASH(" + strings.Join(groups, " || ") + ", 'SHA256')) END"
}
