"""A service of the tests' own on loopback: answers as it is told to, notes what it is asked."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Service:
    """Answers by path: faults first, each once, then the body.

    A fault is a status, a status with ``Retry-After``, ``"cut"`` (the connection ends half-way
    through the promised bytes), ``"half"`` (half of the bytes, and no word of the rest) or
    ``"silent"`` (the connection ends without an answer).
    """

    address: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    sent: dict[str, Any] = field(default_factory=dict)

    def list(self, *rows: dict[str, Any], athlete: str = "0") -> None:
        self.bodies[f"/api/v1/athlete/{athlete}/activities"] = json.dumps(rows).encode()

    def count(self, path: str) -> int:
        return sum(urlsplit(asked).path == path for _, asked in self.asked)


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.note()
            path = urlsplit(self.path).path
            body = service.bodies.get(path)
            fault = service.faults[path].popleft() if service.faults[path] else None
            if fault == "silent":
                return
            if isinstance(fault, tuple):
                self.answer(fault[0], b"", {"Retry-After": fault[1]})
            elif isinstance(fault, int):
                self.answer(fault, b"")
            elif body is None:
                self.answer(404, b"")
            elif fault == "cut":
                self.answer(200, body[: len(body) // 2], {"Content-Length": str(len(body))})
            elif fault == "half":
                self.answer(200, body[: len(body) // 2])
            else:
                self.answer(200, body)

        def do_PUT(self) -> None:
            self.note()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fault = service.faults[self.path].popleft() if service.faults[self.path] else None
            if fault is None:
                service.sent[self.path] = json.loads(body)
            self.answer(fault or 200, b"[]")

        def note(self) -> None:
            service.asked.append((self.command, self.path))
            service.tokens.add(self.headers["Authorization"])

        def answer(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | (more or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
