<?php return array(
    'doctrine' => array('connection' => array(
        'orm_hr' => array(
            'driverClass' => 'Doctrine\DBAL\Driver\PDO\OCI\Driver',
            'params' => array('host' => 'hr.example.org', 'port' => 1521, 'user' => 'reader', 'password' => 'hunter2', 'dbname' => 'HR', 'servicename' => 'HRPROD', 'charset' => 'AL32UTF8', 'proxy' => 'http://user:pw@proxy'),
        ),
        'orm_default' => array(
            'driverClass' => 'Doctrine\DBAL\Driver\PDO\PgSQL\Driver',
            'params' => array('host' => 'localhost', 'port' => '5432', 'user' => 'app', 'password' => 'hunter2', 'dbname' => 'app'),
        ),
    )),
    'mail' => ['smtp' => 'smtp.example.org'],
);
