return [
/**
* Configuration Doctrine minimum requise.
*/
'doctrine' => [
'connection' => [
'orm_oracle' => [
'driverClass' => 'Doctrine\\DBAL\\Driver\\OCI8\\Driver',
'params' => [
'host' => 'host.domain.fr',
'port' => '1525',
'user' => 'x',
'password' => 'y',
'dbname' => 'z',
'charset' => 'AL32UTF8',
]
],
'orm_default' => [
'driverClass' => 'Doctrine\\DBAL\\Driver\\PDOPgSql\\Driver',
'params' => [
'host' => 'host.domain.fr',
'port' => '5432',
'charset' => 'utf8',
'dbname' => 'a',
'user' => 'b',
'password' => 'c',
],
],
],
],
];
