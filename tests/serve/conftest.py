"""A desk with a client beside it, and a server that a browser can open."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from intervaldetect.job import Settings
from intervaldetect.serve.app import make_app
from intervaldetect.serve.desk import Desk
from intervaldetect.serve.run import config, listen
from intervaldetect.serve.security import Place
from tests.report.conftest import browser

__all__ = ["browser"]
PLACE = Place(8123, "token-of-this-test")
ORIGIN = f"http://{PLACE.hosts[0]}"


class Client:
    """Asks as the pages do: own Host and Origin, token in the address."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.http = TestClient(make_app(desk, PLACE), base_url=PLACE.address)

    def drop(self, data: bytes, name: str) -> list[dict[str, Any]]:
        answer = self.http.put(f"files?name={name}", content=data, headers={"origin": ORIGIN})
        if answer.status_code != 200:
            return [{"status": answer.status_code, **answer.json()}]
        return [json.loads(line) for line in answer.text.splitlines()]

    def edit(self, key: str, **asked: Any) -> dict[str, Any]:
        return self.post(f"sessions/{key}/edit", asked)

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.post(path, json=body, headers={"origin": ORIGIN})
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture(autouse=True)
def received(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which files lie while they are received."""
    folder = tmp_path_factory.mktemp("received")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def client() -> Client:
    """A desk without a store."""
    return Client(Desk(Settings(), "me"))


@pytest.fixture
def keeping(tmp_path: Path) -> Client:
    """A desk with a store."""
    return Client(Desk(Settings(), "me", tmp_path / "store"))


@pytest.fixture
def session_file(season: Path) -> Path:
    """A run with six reps of 800 m."""
    return season / "2025-11-01-1000-morning-run.fit.gz"


@dataclass
class Running:
    """A server that answers, and its store."""

    address: str
    store: Path


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with listen(0) as listening:
        place = Place(listening.getsockname()[1], "token-of-a-browser")
        desk = Desk(Settings(), "me", tmp_path / "store")
        server = uvicorn.Server(config(desk, place))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Running(place.address, tmp_path / "store")
        server.should_exit = True
        thread.join()
