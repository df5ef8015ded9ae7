package scaffold

// What a word of a column's name stands for, whatever its language or abbreviation: those of Apogée, Harpège, SIFAC and of English and
// French tables.
var words = map[string]string{
	"cod": "code", "code": "code", "codes": "code", "c": "code", "kod": "code", "ref": "code", "reference": "code", "sigle": "code", "measure": "code",
	"lib": "label", "libelle": "label", "lil": "label", "ll": "label", "label": "label", "name": "label", "intitule": "label", "title": "label",
	"titre": "label", "designation": "label", "denomination": "label", "desc": "label", "nom": "label", "ltext": "label",
	"lic": "shortlabel", "lc": "shortlabel", "ktext": "shortlabel", "shortname": "shortlabel", "acronym": "shortlabel", "acronyme": "shortlabel",
	"description": "description", "commentaire": "comment", "comment": "comment", "remarque": "comment", "note": "comment",
	"num": "number", "numero": "number", "number": "number", "no": "number", "nr": "number",
	"id": "id", "identifiant": "id", "identifier": "id", "uid": "id",

	"lastname": "lastname", "surname": "lastname", "patronyme": "lastname", "patronymique": "lastname", "nachn": "lastname", "pat": "lastname",
	"usuel": "usualname", "usage": "usualname", "usg": "usualname", "marital": "usualname",
	"firstname": "firstname", "prenom": "firstname", "pr1": "firstname", "forename": "firstname", "vorna": "firstname",
	"birth": "birth", "born": "birth", "naissance": "birth", "nai": "birth", "birthday": "birth", "birthdate": "birthdate", "dob": "birthdate", "gbdat": "birthdate",
	"mail": "email", "mel": "email", "email": "email", "courriel": "email",
	"tel": "phone", "telephone": "phone", "phone": "phone", "mobile": "mobile", "portable": "mobile", "fax": "fax", "telecopie": "fax",
	"adr": "address", "adresse": "address", "address": "address", "rue": "street", "street": "street", "voie": "street",
	"postcode": "postcode", "zip": "postcode", "cp": "postcode", "ville": "city", "city": "city", "town": "city", "commune": "city", "com": "city",
	"pay": "country", "pays": "country", "country": "country", "nationalite": "nationality", "nationality": "nationality", "nat": "nationality",
	"sexe": "sex", "sex": "sex", "sx": "sex", "gender": "sex", "genre": "sex", "civilite": "salutation", "civ": "salutation", "salutation": "salutation",
	"ine": "ine", "nne": "ine", "bea": "ine", "insee": "socialsecurity", "nir": "socialsecurity", "secu": "socialsecurity", "nss": "socialsecurity",
	"login": "login", "username": "login", "password": "password", "mdp": "password", "iban": "iban", "rib": "iban", "photo": "photo",

	"etu": "student", "etud": "student", "etudiant": "student", "etudiante": "student", "student": "student", "pupil": "student", "eleve": "student",
	"ind": "person", "individu": "person", "person": "person", "personne": "person", "people": "person", "pernr": "person",
	"ens": "teacher", "enseignant": "teacher", "teacher": "teacher", "professeur": "teacher", "prof": "teacher", "lecturer": "teacher",
	"staff": "staff", "personnel": "staff", "agent": "staff", "employee": "staff", "employe": "staff", "user": "user", "utilisateur": "user",
	"cmp": "department", "composante": "department", "department": "department", "departement": "department", "dept": "department", "dep": "department", "dpt": "department",
	"ufr": "department", "structure": "structure", "str": "structure", "fac": "faculty", "faculte": "faculty", "faculty": "faculty",
	"etp": "stage", "etape": "stage", "stage": "stage", "programme": "programme", "program": "programme", "vet": "stageversion", "vrs": "version", "version": "version",
	"elp": "course", "element": "course", "course": "course", "cours": "course", "matiere": "course", "subject": "course", "module": "module", "mod": "module", "ue": "course",
	"dip": "diploma", "diplome": "diploma", "diploma": "diploma", "degree": "diploma", "dis": "discipline", "discipline": "discipline",
	"sal": "room", "salle": "room", "room": "room", "bat": "building", "batiment": "building", "building": "building", "etage": "floor", "floor": "floor",
	"sit": "site", "site": "site", "campus": "site", "gpe": "group", "groupe": "group", "group": "group", "grp": "group", "team": "team", "equipe": "team",
	"ctg": "category", "cat": "category", "categorie": "category", "category": "category", "corps": "corps", "grade": "grade", "grd": "grade",
	"ins": "enrolment", "inscription": "enrolment", "enrolment": "enrolment", "enrollment": "enrolment", "iae": "enrolment",

	"anu": "year", "annee": "year", "year": "year", "uni": "academic", "univ": "academic", "academic": "academic", "daa": "year", "an": "year",
	"dat": "date", "date": "date", "d": "date", "dte": "date", "day": "date", "jour": "date", "heure": "time", "time": "time", "hour": "time", "hor": "time",
	"opened": "start", "closed": "end", "deb": "start", "debut": "start", "start": "start", "begin": "start", "from": "start", "begda": "start", "datab": "start", "ouverture": "start",
	"fin": "end", "end": "end", "until": "end", "to": "end", "endda": "end", "datbi": "end", "fermeture": "end",
	"validite": "validity", "valid": "validity", "validity": "validity", "val": "validity",
	"tem": "flag", "temoin": "flag", "flag": "flag", "is": "flag", "est": "flag", "has": "flag", "ind1": "flag",
	"active": "active", "actif": "active", "actv": "active", "service": "service", "svc": "service", "ser": "service", "enabled": "active", "visible": "visible", "open": "open",
	"sta": "status", "statut": "status", "status": "status", "eta": "state", "etat": "state", "state": "state",
	"typ": "type", "type": "type", "tpe": "type", "kind": "type", "nature": "nature", "niveau": "level", "niv": "level", "level": "level",
	"cap": "capacity", "capacite": "capacity", "capacity": "capacity", "seats": "capacity", "seat": "capacity", "places": "capacity", "effectif": "headcount", "eff": "headcount",
	"nbr": "count", "nb": "count", "nombre": "count", "count": "count", "crd": "credits", "credit": "credits", "credits": "credits", "ects": "credits",
	"coef": "coefficient", "coefficient": "coefficient", "vol": "volume", "volume": "volume", "duree": "duration", "duration": "duration",
	"montant": "amount", "amount": "amount", "mnt": "amount", "prix": "price", "price": "price", "fleche": "earmark", "zfleche": "earmark", "kostl": "costcentre",
	"ord": "order", "ordre": "order", "order": "order", "rang": "order", "rank": "order", "pos": "order", "parent": "parent", "pere": "parent",
	"tour": "tour", "remote": "remote", "foad": "remote", "distance": "remote", "distant": "remote", "origine": "origin", "origin": "origin",
	"responsable": "head", "resp": "head", "head": "head", "manager": "head", "tutor": "tutor", "tuteur": "tutor", "supervisor": "supervisor", "superviseur": "supervisor",
	"court": "short", "short": "short", "long": "long", "web": "web", "url": "url",
}

// phrases are words that mean something else together.
var phrases = map[string]string{
	"first name": "firstname", "given name": "firstname", "last name": "lastname", "family name": "lastname", "sur name": "lastname",
	"nom pat": "lastname", "nom patronymique": "lastname", "nom famille": "lastname", "nom de famille": "lastname", "nom naissance": "lastname", "nom de naissance": "lastname",
	"nom usuel": "usualname", "nom usage": "usualname", "nom usg": "usualname", "nom marital": "usualname", "nom mar": "usualname", "usual name": "usualname",
	"e mail": "email", "adr mail": "email", "mail address": "email", "email address": "email", "adresse mail": "email", "adresse electronique": "email", "adresse e mail": "email",
	"code postal": "postcode", "cod pos": "postcode", "postal code": "postcode", "zip code": "postcode", "cod bdi": "postcode",
	"short name": "shortlabel", "short desc": "shortlabel", "libelle court": "shortlabel", "lib court": "shortlabel", "short label": "shortlabel",
	"libelle long": "label", "lib long": "label", "long name": "label", "long label": "label",
	"num secu": "socialsecurity", "no insee": "socialsecurity", "cod ind nir": "socialsecurity", "securite sociale": "socialsecurity", "numero securite sociale": "socialsecurity",
	"cod nne": "ine", "cod nne ind": "ine", "no ine": "ine", "num ine": "ine", "code ine": "ine", "national number": "ine",
	"element pedagogique": "course", "version etape": "stageversion", "annee universitaire": "academicyear", "academic year": "academicyear", "cod anu": "academicyear", "annee uni": "academicyear", "anu": "academicyear",
	"user name": "login", "nbr places": "capacity", "nb places": "capacity", "nombre places": "capacity", "cap acc": "capacity", "en service": "service", "in service": "service", "id number": "code", "mot de passe": "password",
}

// noise are words that tell nothing.
var noise = map[string]bool{"de": true, "du": true, "des": true, "la": true, "le": true, "l": true, "of": true, "the": true, "en": true, "in": true, "on": true, "t": true, "tbl": true, "v": true, "src": true}

// weights say how much a concept tells; 1 where nothing is said.
var weights = map[string]float64{
	"code": 0.8, "label": 0.7, "shortlabel": 0.8, "date": 0.5, "flag": 0.2, "number": 0.7, "id": 0.8,
	"person": 0.3, "student": 0.5, "staff": 0.5, "teacher": 0.6, "academic": 0.3, "long": 0.3, "count": 0.2, "service": 0.7,
}

// kin are concepts that may stand for one another, and how well.
var kin = map[[2]string]float64{
	{"label", "lastname"}: 0.85, {"label", "shortlabel"}: 0.7, {"lastname", "usualname"}: 0.75, {"label", "usualname"}: 0.7,
	{"code", "number"}: 0.7, {"code", "id"}: 0.6, {"number", "id"}: 0.6, {"label", "description"}: 0.6,
	{"person", "student"}: 0.8, {"person", "staff"}: 0.8, {"person", "teacher"}: 0.8, {"staff", "teacher"}: 0.8, {"person", "user"}: 0.6,
	{"phone", "mobile"}: 0.7, {"address", "street"}: 0.7, {"status", "state"}: 0.9, {"department", "structure"}: 0.7, {"department", "faculty"}: 0.6,
	{"year", "academicyear"}: 0.9, {"stage", "programme"}: 0.7, {"course", "module"}: 0.7, {"stage", "stageversion"}: 0.6,
	{"capacity", "headcount"}: 0.7, {"active", "service"}: 0.8, {"sex", "salutation"}: 0.6,
}

// persons are the concepts by which a table is one of people.
var persons = map[string]bool{"student": true, "person": true, "teacher": true, "staff": true, "user": true}

// private are the concepts of what outputs should not show.
var private = map[string]bool{
	"lastname": true, "usualname": true, "firstname": true, "birth": true, "birthdate": true, "email": true, "phone": true, "mobile": true, "address": true,
	"street": true, "postcode": true, "city": true, "nationality": true, "ine": true, "socialsecurity": true, "password": true, "iban": true, "photo": true,
	"sex": true, "salutation": true,
}
