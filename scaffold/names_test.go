package scaffold

import (
	"slices"
	"testing"
)

// The columns of two tables, and which of the source's fills which of the destination's.
func TestLikeness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, table string
		pairs         [][2]string
		// alone are columns of the source that are for none of these.
		alone []string
	}{
		{"INDIVIDU", "student", [][2]string{
			{"COD_ETU", "code"}, {"LIB_NOM_PAT_IND", "last_name"}, {"LIB_PR1_IND", "first_name"}, {"DATE_NAI_IND", "birth_date"}, {"ADR_MAIL", "email"}, {"COD_NNE_IND", "ine"}, {"COD_SEX_ETU", "gender"},
		}, []string{"DAA_ENT_ETB", "COD_CMP"}},
		{"etudiants", "étudiant", [][2]string{{"last_name", "nom"}, {"firstName", "prenom"}, {"birthdate", "date_naissance"}, {"student_code", "code étudiant"}, {"phone", "téléphone"}, {"city", "ville"}}, []string{"remarks"}},
		{"COMPOSANTE", "department", [][2]string{{"COD_CMP", "code"}, {"LIB_CMP", "name"}, {"LIC_CMP", "short_name"}, {"TEM_EN_SVE_CMP", "tem_en_sve"}}, []string{"COD_ETB"}},
		{"ELEMENT_PEDAGOGI", "courses", [][2]string{{"COD_ELP", "course_code"}, {"LIB_ELP", "title"}, {"NBR_CRD_ELP", "ects"}, {"COD_CMP", "department_code"}, {"DAT_DEB", "start_date"}, {"DAT_FIN", "end_date"}}, []string{"TEM_SUS_ELP"}},
		{"PERSONNEL", "staff", [][2]string{{"NO_INDIVIDU", "number"}, {"NOM_USUEL", "usual_name"}, {"NOM_PATRONYMIQUE", "last_name"}, {"PRENOM", "first_name"}, {"D_NAISSANCE", "birth_date"}, {"C_STRUCTURE", "structure_code"}}, []string{"C_CIVILITE"}},
		{"FMMEASURE", "progfin", [][2]string{{"MEASURE", "code"}, {"SHORT_DESC", "libelle_court"}, {"ZFLECHE", "fleche"}, {"VALID_FROM", "debut_validite"}, {"VALID_TO", "fin_validite"}}, []string{"CLIENT"}},
		{"SAL", "room", [][2]string{{"LIBELLE", "name"}, {"CAP_SAL", "seats"}, {"COD_BAT", "building"}, {"Code", "code"}}, []string{"COD_TYP"}},
	} {
		sourceContext, context := conceptsOf(c.source), conceptsOf(c.table)
		var sources []string
		for _, pair := range c.pairs {
			sources = append(sources, pair[0])
		}
		sources = append(sources, c.alone...)
		scores := make([][]float64, len(c.pairs))
		for i, pair := range c.pairs {
			for _, source := range sources {
				scores[i] = append(scores[i], likeness(nameIn(pair[1], context), nameIn(source, sourceContext)))
			}
		}
		for i, j := range assign(scores, len(sources)) {
			got := "nothing"
			if j >= 0 {
				got = sources[j]
			}
			if got != c.pairs[i][0] {
				t.Errorf("%s.%s is filled by %s, want %s (%v)", c.table, c.pairs[i][1], got, c.pairs[i][0], scores[i])
			}
		}
	}
}

// What is not alike is not matched, however few columns there are.
func TestUnlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"COD_CMP", "code"}, {"LIB_CMP", "name"}, {"DAT_DEB", "birth_date"}, {"PRENOM", "last_name"}, {"TEL", "mail"}, {"X", "y"}} {
		if score := likeness(nameIn(pair[1], conceptsOf("student")), nameIn(pair[0], conceptsOf("INDIVIDU"))); score >= likely {
			t.Errorf("%s is taken for %s: %v", pair[0], pair[1], score)
		}
	}
}

// The sum counts: the best pair of all must not cost two others their match.
func TestAssign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scores  [][]float64
		columns int
		want    []int
	}{
		{[][]float64{{0.9, 0.85}, {0.88, 0}}, 2, []int{1, 0}},
		{[][]float64{{0.5, 0.4}}, 2, []int{-1}},
		{[][]float64{{0.6}, {0.9}, {0.7}}, 1, []int{-1, 0, -1}},
		{[][]float64{{0, 0.7, 0.9}}, 3, []int{2}},
		{[][]float64{{}, {}}, 0, []int{-1, -1}},
		{nil, 3, []int{}},
	} {
		if got := assign(c.scores, c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.scores, got, c.want)
		}
	}
}
