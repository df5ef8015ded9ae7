<?php

namespace Application;

// An invented configuration, with the keys of later versions.
return [
    'import' => [
        'connections' => [
            'default' => 'doctrine.connection.orm_default',
            'hr'      => 'doctrine.connection.orm_hr',
        ],
        'histo_columns_aliases' => [
            'created_on' => 'histo_creation',
            'updated_on' => 'histo_modification',
            'deleted_on' => 'histo_destruction',
            'created_by' => 'histo_createur_id',
            'updated_by' => 'histo_modificateur_id',
            'deleted_by' => 'histo_destructeur_id',
        ],
        'histo_columns_values' => ['created_by' => 1, 'updated_by' => 1, 'deleted_by' => 1],
        'use_import_observ' => true,
        'imports' => [
            [
                'name' => 'Corps et grades',
                'order' => 20,
                'source' => [
                    'name' => 'RH', 'code' => 'hr', 'connection' => 'hr', 'source_code_column' => 'ID_ORIG',
                    'columns' => ['LIB COURT', 'D_OUVERTURE', 'ETAB', 'NOMBRE', 'MAJ'],
                    'select' => "SELECT *\nFROM \"CORPS\" WHERE X = '\${y}'",
                ],
                'intermediate_table' => 'src_corps',
                'destination' => [
                    'name' => 'Corps', 'table' => 'corps', 'connection' => 'default', 'source_code_column' => 'id_orig',
                    'columns' => ['lib court', 'd_ouverture', 'etab', 'nombre', 'maj'],
                    'columns_to_char' => [
                        'd_ouverture' => "to_char( %s , 'DD/MM/YYYY' )",
                        'nombre' => '%s::text',
                        'maj' => "lower(%s)",
                    ],
                    'where' => "d.etab = 'Établissement d''ici' AND source_id = 3",
                    'operations' => ['insert', 'update', 'delete' => false],
                    'id_strategy' => 'SEQUENCE', 'id_sequence' => 'corps_id_seq',
                    'intermediate_table_auto_drop' => true,
                    'log_table' => 'import_log',
                ],
            ],
            [
                'name' => 'Corps et grades',
                'order' => 10,
                'source' => ['connection' => 'hr', 'source_code_column' => 'CODE', 'table' => 'V_STRUCTURE', 'column_value_filter' => 'App\\Filter'],
                'destination' => [
                    'table' => 'structure', 'connection' => 'default', 'source_code_column' => 'source_code',
                    'where' => "d.source_code like 'UCN::%'",
                    'undelete_enabled_column' => 'synchro_undelete_enabled',
                    'id_sequence' => null,
                ],
            ],
        ],
    ],
];
