<?php
$people = ['exampleauth:UserPass'];
foreach (json_decode(file_get_contents(getenv('CUSTOMER_HOME') . '/people.json'), true) as $login => $person) {
    $people["$login:{$person['password']}"] = [
        'uid' => [$login],
        'mail' => [$person['email']],
        'givenName' => [$person['first']],
        'sn' => [$person['last']],
        'groups' => $person['groups'],
    ];
}
$config = ['people' => $people];
