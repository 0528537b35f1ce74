"""The official Python client, driven by lines of JSON: one call a line, one answer a line (clients.mjs)."""

import functools
import json
import os
import sys
import warnings

from stytch import B2BClient
from stytch.core.response_base import StytchError


def answered(client, call, arguments):
    method = functools.reduce(getattr, call.split("."), client)
    try:
        return {"answer": json.loads(method(**arguments).model_dump_json())}
    except StytchError as error:
        return {"refusal": json.loads(error.details.model_dump_json())}
    except Exception as error:  # What its models refuse, or it does not take: the test shows it.
        return {"fault": f"{type(error).__name__}: {error}"}


def main():
    warnings.simplefilter("ignore")
    clients = {
        known: B2BClient(
            project_id=os.environ["PROJECT_ID"],
            secret=os.environ["SECRET"] if known else "secret-test-nobody",
            environment=os.environ["BASE"] + "/",
            suppress_warnings=True,
        )
        for known in (True, False)
    }
    for line in sys.stdin:
        ask = json.loads(line)
        print(json.dumps(answered(clients[ask["known"]], ask["call"], ask["arguments"])), flush=True)


main()
