"""Writing the corpus: one folder a case, with what is judged and what must come out."""

import base64
import fnmatch
import json
import pathlib
import shutil

import keys
import message

NOW = message.NOW
SKEW_SECONDS = 60


class Corpus:
    """Writes the cases of one run below `root`, which is emptied first, or only those whose path matches `only`."""

    def __init__(self, root, only=None):
        self.root = pathlib.Path(root)
        self.only = only
        self.count = {"good": 0, "hostile": 0}
        if not only:
            for part in self.count:
                shutil.rmtree(self.root / part, ignore_errors=True)

    def good(self, name, title, why, response, identity, **settings):
        """A response that must be accepted as `identity`."""
        self._write("good", self.root / "good" / name, title, why, response, {"accepted": True, **identity}, settings)

    def hostile(self, kind, name, title, why, refusal, response, **settings):
        """A response that must be refused with the code `refusal`."""
        expect = {"accepted": False, "refusal": refusal}
        self._write("hostile", self.root / "hostile" / kind / name, title, why, response, expect, settings)

    def _write(self, part, folder, title, why, response, expect, settings):
        if self.only:
            if not fnmatch.fnmatch(folder.relative_to(self.root).as_posix(), self.only):
                return
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        octets = response if isinstance(response, bytes) else response.encode()
        file = settings.pop("file", "response.xml")
        (folder / file).write_bytes(octets)
        trusted = settings.pop("trusted", None) or [keys.idp()]
        recipients = settings.pop("recipients", [])
        case = {
            "title": title,
            "why": why,
            "input": file,
            "now": settings.pop("now", NOW),
            "skew_seconds": SKEW_SECONDS,
            "idp_entity_id": settings.pop("idp_entity_id", message.IDP),
            "certificates": [key.certificate_pem() for key in trusted],
            "acs_urls": settings.pop("acs_urls", [message.ACS]),
            "audiences": settings.pop("audiences", [message.AUDIENCE]),
            "request_id": settings.pop("request_id", message.REQUEST),
            "decryption_keys": [key.private_der_base64() for key in recipients],
            "legacy": {"sha1": settings.pop("sha1", False), "inclusive_c14n": settings.pop("inclusive_c14n", False)},
            "expect": expect,
        }
        if settings:
            raise TypeError(f"unknown settings: {sorted(settings)}")
        (folder / "case.json").write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n")
        self.count[part] += 1


def identity(name_id, name_id_format, attributes=None, session_index=message.SESSION, **more):
    """What an accepted case must yield; attribute values are in the order of the message, repeated names joined."""
    return {
        "name_id": name_id,
        "name_id_format": name_id_format,
        "attributes": attributes or {},
        "session_index": session_index,
        **more,
    }


def base64_text(octets):
    octets = octets if isinstance(octets, bytes) else octets.encode()
    return base64.b64encode(octets).decode()
