<?php
return [
/**
* Configuration du module UnicaenDbImport.
*/
'import' => [
/**
* Liste des imports.
*/
'imports' => [
[
/**
* Petit nom (unique) de l'import.
*/
'name' => 'Import_PFI_SIFAC',
/**
* Configuration de la source de données à importer :
* - 'name' : petit nom (unique) de la source
* - 'table' : nom de la table source contenant les données à importer
* - 'select' : select SQL de mise en forme des données source à importer (NB: antinomique avec 'table')
* - 'connection' : identifiant de la connexion Doctrine à la base de données source
* - 'source_code_column' : nom de la colonne dans la table/vue source contenant l'identifiant unique
* - 'columns' : liste ordonnée des noms des colonnes à prendre en compte dans la table/vue source
*/
'source' => [
'name' => 'PFI SIFAC',
'connection' => 'doctrine.connection.orm_oracle',
'source_code_column' => 'CODE',
'columns' => ['LIBELLE', 'FLECHE', 'DEBUT_VALIDITE', 'FIN_VALIDITE'],
'select' => <<<'EOT'
select distinct
MEASURE CODE,
SHORT_DESC LIBELLE,
ZFLECHE FLECHE,
to_char(TO_DATE(VALID_FROM,'YYYYMMDD'),'YYYY-MM-DD') DEBUT_VALIDITE,
to_char(TO_DATE(VALID_TO,'YYYYMMDD'),'YYYY-MM-DD') FIN_VALIDITE
from (
SELECT
SAPSR3.FMMEASURE.MEASURE,
SAPSR3.FMMEASURET.SHORT_DESC,
SAPSR3.FMMEASURE.ZFLECHE,
SAPSR3.FMMEASURE.VALID_FROM,
SAPSR3.FMMEASURE.VALID_TO
FROM
SAPSR3.FMMEASURE,
SAPSR3.FMMEASURET
WHERE
( (SAPSR3.FMMEASURE.CLIENT in (select A.MANDT from SAPSR3.FM01H A where A.MANDT = '500') OR SAPSR3.FMMEASURE.CLIENT is null)
and (SAPSR3.FMMEASURE.FMAREA in (select A.FIKRS from SAPSR3.FM01H A where A.FIKRS = '1010') or SAPSR3.FMMEASURE.FMAREA is null) )
AND ( SAPSR3.FMMEASURE.CLIENT=SAPSR3.FMMEASURET.CLIENT(+) )
AND ( SAPSR3.FMMEASURE.FMAREA=SAPSR3.FMMEASURET.FMAREA(+) )
AND ( SAPSR3.FMMEASURE.MEASURE=SAPSR3.FMMEASURET.MEASURE(+) )
)
EOT
,
],
/**
* Forçage éventuel du nom de la table intermédiaire utilisée lorsque source et destination
* ne partagent pas la même connexion. NB: cette table intermédiaire est créée/peuplée/supprimée
* dans la base de données destination à chaque import.
* En l'absence de ce forçage, le nom de la table intermédiaire sera celui de la table destination
* préfixé par "src_".
*/
'intermediate_table' => 'src_progfin',
/**
* Configuration de la destination des données importées :
* - 'name' : petit nom (unique) de la destination
* - 'table' : nom de la table destination vers laquelle les données sont importées
* - 'connection' : identifiant de la connexion Doctrine à la base de données destination
* - 'source_code_column' : nom de la colonne dans la table destination contenant l'identifiant unique
* - 'columns' : liste ordonnée des noms des colonnes importées dans la table destination
* - 'columns_to_char' : format sprintf nécessaire pour mettre des colonnes au format requis (string)
*/
'destination' => [
'name' => 'PFI Zébu',
'table' => 'progfin',
'connection' => 'doctrine.connection.orm_default',
'source_code_column' => 'code',
'columns' => ['libelle', 'fleche', 'debut_validite', 'fin_validite'],
'columns_to_char' => [
'debut_validite' => "TO_CHAR(%s,'YYYY-MM-DD')", // car colonne destination de type TIMESTAMP
'fin_validite' => "TO_CHAR(%s,'YYYY-MM-DD')", // idem
],
],
],
],
],
];
