<?php
// What the administrator chose for everybody; it shows in the published metadata.
$chosen = json_decode(file_get_contents(getenv('CUSTOMER_HOME') . '/idp.json'), true);
$bindings = [
    'redirect' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
    'post' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
];
$metadata['__DYNAMIC:1__'] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'key.pem',
    'certificate' => 'certificate.pem',
    'auth' => 'people',
    'userid.attribute' => 'uid',
    'SingleSignOnServiceBinding' => array_values(array_intersect_key($bindings, array_flip($chosen['bindings']))),
    'validate.authnrequest' => $chosen['signedRequests'],
    'redirect.validate' => $chosen['signedRequests'],
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
    'authproc' => [
        10 => [
            'class' => 'saml:AttributeNameID',
            'attribute' => 'mail',
            'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        ],
        11 => [
            'class' => 'saml:PersistentNameID',
            'attribute' => 'uid',
        ],
        12 => ['class' => 'saml:TransientNameID'],
        // The names that universities use; groups travel as isMemberOf.
        50 => [
            'class' => 'core:AttributeMap',
            'uid' => 'urn:oid:0.9.2342.19200300.100.1.1',
            'mail' => 'urn:oid:0.9.2342.19200300.100.1.3',
            'givenName' => 'urn:oid:2.5.4.42',
            'sn' => 'urn:oid:2.5.4.4',
            'groups' => 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
        ],
    ],
];
