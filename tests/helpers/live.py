"""A client of the live page that sends what a browser would, or anything else."""

from __future__ import annotations

import http.client
import json
from typing import NamedTuple


class Reply(NamedTuple):
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        told = self.json["error"]
        return f"{told['where']}: {told['what']} {told['todo']}".strip()


class Page(NamedTuple):
    """The page on a port of this machine, as one client sees it."""

    port: int
    client: str = "tester"
    patience: float = 60.0

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def get(self, path, **headers):
        return self.send("GET", path, None, headers)

    def post(self, question, document=None, **given):
        """Ask a question; headers may be given by their names, None leaves one out."""
        headers = {"Origin": self.origin, "Content-Type": "application/json"}
        headers |= {name.replace("_", "-"): value for name, value in given.items()}
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.send("POST", f"/api/{question}", body, headers)

    def odds(self, levers, turn=1, worlds=4096, client=None, patience=60):
        asked = {"client": client or self.client, "turn": turn, "levers": levers}
        return self._replace(patience=patience).post("odds", {**asked, "worlds": worlds})

    def send(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            for name, value in headers.items():
                if value is not None:
                    connection.putheader(name, value)
            if isinstance(body, list):  # in chunks, without a length
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders()
                for chunk in [*body, b""]:
                    connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            else:
                if body is not None:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
            reply = connection.getresponse()
            return Reply(reply.status, dict(reply.headers), reply.read())
        finally:
            connection.close()
