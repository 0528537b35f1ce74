<?php
// The guide's request by PHP's curl, which calls any text a form.
$handle = curl_init(getenv('URL'));
curl_setopt_array($handle, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 30,
    CURLOPT_CUSTOMREQUEST => 'POST',
    CURLOPT_POSTFIELDS => getenv('PAYLOAD'),
    CURLOPT_HTTPHEADER => ['authorization: Bearer ' . getenv('TOKEN')],
]);
$body = curl_exec($handle);
if ($body === false) {
    fwrite(STDERR, curl_error($handle) . "\n");
    exit(1);
}
echo $body, "\n", curl_getinfo($handle, CURLINFO_RESPONSE_CODE), "\n";
