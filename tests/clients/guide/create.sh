#!/bin/sh
# The guide's request by curl, which calls any data a form.
exec curl --silent --show-error --request POST --url "$URL" --header "authorization: Bearer $TOKEN" --data "$PAYLOAD" --write-out '\n%{http_code}'
