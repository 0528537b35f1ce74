"""The guide's request by Python's own client, which says nothing of the kind of a body."""

import http.client
import os
from urllib.parse import urlsplit

url = urlsplit(os.environ["URL"])
kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}[url.scheme]
connection = kind(url.netloc)
connection.request("POST", url.path, os.environ["PAYLOAD"], {"authorization": "Bearer " + os.environ["TOKEN"]})
answer = connection.getresponse()
print(answer.read().decode(), answer.status, sep="\n")
