"""`vestibule dev` for the suites in Python, and a browser without a screen."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
from html import unescape
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
APP = "http://127.0.0.1:39123/authenticate"


def form_of(page):
    """Where the form of a page goes and its hidden fields."""
    action = unescape(re.search(r'<form[^>]*action="([^"]*)"', page.text)[1])
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    return urljoin(page.url, action), {name: unescape(value) for name, value in hidden}


class Server:
    """`vestibule dev` with an empty store."""

    def __init__(self):
        target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
        binary = os.environ.get("VESTIBULE_BIN", pathlib.Path(target) / "debug" / "vestibule")
        self.directory = tempfile.TemporaryDirectory(prefix="vestibule-clients-")
        home = pathlib.Path(self.directory.name)
        ready = home / "ready.json"
        self.log = open(home / "output", "w+b")
        self.process = subprocess.Popen(
            [
                str(binary), "dev", "--listen", "127.0.0.1:0", "--data-dir", str(home / "data"),
                "--ready-file", str(ready), "--default-redirect-url", APP,
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=home,
        )
        deadline = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                output = self.log.read().decode()
                self.stop()
                raise RuntimeError(f"the server did not become ready:\n{output}")
            time.sleep(0.02)
        found = json.loads(ready.read_text())
        self.base_url, self.idp = found["base_url"], found["test_idp"]
        self.auth0 = found["auth0"]
        self.project_id, self.secret, self.public_token = (
            found["project_id"], found["secret"], found["public_token"],
        )

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()
        self.directory.cleanup()

    def sign_in(self, email, **parameters):
        """Goes the whole way without a screen; answers the query that the application receives."""
        browser = requests.Session()
        query = urlencode({"public_token": self.public_token, **parameters})
        page = browser.get(f"{self.base_url}/v1/public/sso/start?{query}")
        action, fields = form_of(page)
        answer = browser.post(action, data={**fields, "email": email}, allow_redirects=False)
        if "location" in answer.headers:
            back = browser.get(answer.headers["location"], allow_redirects=False)
        else:
            back = browser.post(*form_of(answer), allow_redirects=False)
        if back.status_code != 302:
            raise AssertionError(f"{back.status_code}: {back.text}")
        return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}
