"""A mail server on loopback (aiosmtpd) that does to a recipient what their name says.

Prints its port, then a JSON line for every mail it takes. `half@` is taken the first time, and the connection ends before
anybody hears of it; `slow@` answers late the first time; `refused@` is nobody; `grey@` is to come again.
"""

import asyncio
import json
import logging
import socket
import ssl
import sys
import time
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

# It warns at each sign-in that something of its own is deprecated.
logging.getLogger("mail.log").setLevel(logging.ERROR)

tries = Counter()


class Postbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        tries[address] += 1
        if name == "refused":
            return "550 5.1.1 no such user"
        if name == "grey" and tries[address] == 1:
            return "451 4.7.1 come again"
        if name == "slow" and tries[address] == 1:
            await asyncio.sleep(6)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        message = message_from_bytes(envelope.content, policy=policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        took = {
            "at": time.time(),
            "to": to,
            "from": envelope.mail_from,
            "tls": session.ssl is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "message_id": message["Message-ID"],
            "subject": message["Subject"],
            "text": parts.get("text/plain", ""),
            "html": parts.get("text/html", ""),
        }
        print(json.dumps(took), flush=True)
        if to.startswith("half@") and tries[to] == 1:
            server.transport.abort()
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"vestibule", b"open sesame")
    return AuthResult(success=known, auth_data=data) if known else AuthResult(success=False, handled=False)


certificate = None
if len(sys.argv) > 1:
    certificate = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.load_cert_chain(*sys.argv[1:3])

with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
controller = Controller(
    Postbox(),
    hostname="127.0.0.1",
    port=port,
    authenticator=authenticate,
    auth_required=certificate is not None,
    tls_context=certificate,
    require_starttls=certificate is not None,
    ready_timeout=20,
)
controller.start()
print(port, flush=True)
sys.stdin.read()
controller.stop()
