<?php
// The service provider's own metadata, as published, and on top of it what the administrator ticked.
$home = getenv('CUSTOMER_HOME');
if (file_exists("$home/sp.xml")) {
    $sp = \SimpleSAML\Metadata\SAMLParser::parseString(file_get_contents("$home/sp.xml"))->getMetadata20SP();
    $metadata[$sp['entityid']] = array_merge($sp, json_decode(file_get_contents("$home/sp.json"), true));
}
