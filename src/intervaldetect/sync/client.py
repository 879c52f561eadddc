"""Asks a service, politely: waits when told to, asks again after what may pass, then gives up."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from intervaldetect import __version__
from intervaldetect.errors import IntervalDetectError, ParameterError

TRIES = 6
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 120.0
PAUSE_S = 0.2
"""Between two requests, so that ten thousand files are no flood."""
TIMEOUT_S = 60.0
MAX_BYTES = 256 * 1024 * 1024
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SyncError(IntervalDetectError):
    """A service cannot be reached, or does not answer as it should."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason} (sync)")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.source, self.reason))


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and body of an answer; ``whole`` is False where the service has no more of it."""

    status: int
    body: bytes
    whole: bool = True


class Client:
    """One service, asked one request at a time.

    Parameters
    ----------
    address : str
        ``https://host[:port]``; without encryption only on this machine, for the key goes with
        every request. Redirections are not followed, for it would go there too.
    user, key : str
        Of basic authentication.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self, address: str, user: str, key: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port
        self._encrypted = parts.scheme == "https"
        if not self._host or not (self._encrypted or self._host in _LOOPBACK):
            raise ParameterError("address", address, "https://HOST")
        if not key or not key.isascii() or not key.isprintable():
            raise ParameterError("key", "(not shown)", "printable ASCII")
        token = base64.b64encode(f"{user}:{key}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {token}",
            "Accept-Encoding": "identity",
            "User-Agent": f"intervaldetect/{__version__}",
        }
        self._sleep = sleep
        self._asked_before = False

    def get(self, path: str, *, whole: Callable[[bytes], bool] = lambda _: True) -> Answer:
        """Get a path; asked again while ``whole`` says that the body is cut and it changes.

        Raises
        ------
        SyncError
            The key is refused, or after `TRIES` tries there is no answer.
        """
        return self._until_answered("GET", path, None, whole)

    def put(self, path: str, content: Any) -> Answer:
        """Put JSON at a path; errors as of `get`."""
        return self._until_answered("PUT", path, json.dumps(content).encode(), lambda _: True)

    def _until_answered(
        self, method: str, path: str, content: bytes | None, whole: Callable[[bytes], bool]
    ) -> Answer:
        cut: bytes | None = None
        reason = ""
        for number in range(TRIES):
            wait = FIRST_WAIT_S * 2.0**number
            try:
                status, body, told = self._once(method, path, content)
            except (OSError, HTTPException) as error:
                reason = f"no answer: {error or type(error).__name__}"
            else:
                if status in PASSING:
                    reason = f"answers {status}"
                    wait = max(wait, _seconds(told))
                elif status == OK and not whole(body):
                    if body == cut:
                        return Answer(status, body, whole=False)
                    cut, reason = body, "the file comes incomplete"
                else:
                    return self._answer(status, body)
            if wait > LONGEST_WAIT_S:
                raise SyncError(self._host, f"{reason} and asks to wait {wait:.0f} s")
            if number + 1 < TRIES:
                self._sleep(wait)
        raise SyncError(self._host, f"{reason}, {TRIES} times")

    def _answer(self, status: int, body: bytes) -> Answer:
        if status in {UNAUTHORIZED, FORBIDDEN}:
            raise SyncError(self._host, f"the key is refused ({status})")
        return Answer(status, body)

    def _once(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes, str | None]:
        """Ask once; return status, body and what ``Retry-After`` says."""
        if self._asked_before:
            self._sleep(PAUSE_S)
        self._asked_before = True
        kind = HTTPSConnection if self._encrypted else HTTPConnection
        connection = kind(self._host, self._port, timeout=TIMEOUT_S)
        try:
            typed = {} if content is None else {"Content-Type": "application/json"}
            connection.request(method, path, content, self._headers | typed)
            answer = connection.getresponse()
            expected = answer.length
            body = answer.read(MAX_BYTES + 1)
            if len(body) > MAX_BYTES:
                raise SyncError(self._host, f"an answer of more than {MAX_BYTES >> 20} MB")
            if expected is not None and len(body) < expected:  # read() says nothing of it
                raise IncompleteRead(body, expected - len(body))
            return answer.status, body, answer.getheader("Retry-After")
        finally:
            connection.close()


def _seconds(told: str | None) -> float:
    """Return how long ``Retry-After`` asks to wait: seconds, or until a date."""
    if told is None:
        return 0.0
    try:
        seconds = float(told)
    except ValueError:
        try:
            then = parsedate_to_datetime(told)
        except ValueError:
            return 0.0
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        seconds = (then - datetime.now(UTC)).total_seconds()
    return seconds if math.isfinite(seconds) and seconds > 0.0 else 0.0
