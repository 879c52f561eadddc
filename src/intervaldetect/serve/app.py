"""What is answered: pages, files taken in, edits, saving. Work on recordings runs in one thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from intervaldetect.errors import IntervalDetectError, ReadError
from intervaldetect.serve import pages
from intervaldetect.serve.desk import Desk, sentence
from intervaldetect.serve.edits import EditError
from intervaldetect.serve.recordings import most_bytes, safe_name, spool, too_large
from intervaldetect.serve.security import Guard, Place

EDIT_BYTES = 64 << 10
T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class Pages:
    """The handlers; each gives its work to the one thread that touches recordings.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.worker = ThreadPoolExecutor(1, "intervaldetect")

    async def work(self, function: Callable[..., T], *args: Any) -> T:
        """Run a function in the thread of the recordings, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(
            self.worker, partial(function, *args)
        )

    async def home(self, request: Request) -> Response:
        """Answer with the list of sessions."""
        words = request.query_params.get("find", "")[:200]
        told = request.query_params.get("page", "1")
        number = int(told) - 1 if told.isdecimal() and len(told) < 9 else 0
        # A store is read beside the thread: a list does not wait for a recording.
        show = partial(self.desk.home, max(number, 0), words)
        work = asyncio.to_thread(show) if self.desk.keeper else self.work(show)
        return HTMLResponse(await work)

    async def asset(self, request: Request) -> Response:
        """Answer with a script or a style."""
        name = request.path_params["name"]
        text = await asyncio.to_thread(pages.asset, name)
        if text is None:
            return Response(status_code=404)
        kind = pages.TYPES[name.rpartition(".")[2]]
        # They do not change while the server runs, and its address is new each time.
        return Response(text, media_type=kind, headers={"cache-control": "private, max-age=3600"})

    async def session(self, request: Request) -> Response:
        """Answer with the page of a session."""
        key = request.path_params["key"]
        try:
            return HTMLResponse(await self.work(self.desk.page, key))
        except IntervalDetectError as error:
            return HTMLResponse(pages.refused_page(sentence(error)), 404)

    async def data(self, request: Request) -> Response:
        """Answer with what the picture of a session draws."""
        text = await self.work(self.desk.data, request.path_params["key"])
        return Response(text, media_type="text/javascript")

    async def corrections(self, request: Request) -> Response:
        """Answer with the file of corrections, to be put beside the recording."""
        name, text = await self.work(self.desk.corrections, request.path_params["key"])
        plain = name.encode("ascii", "replace").decode().replace('"', "'")
        told = {"content-disposition": f'attachment; filename="{plain}"'}
        return Response(text, media_type="text/plain", headers=told)

    async def edit(self, request: Request) -> Response:
        """Make an edit, and answer with the session as it then is."""
        asked = json.loads(await _body(request, EDIT_BYTES, "the edit"))
        if not isinstance(asked, dict):
            raise EditError("An edit is an object.")
        key = request.path_params["key"]
        return JSONResponse(await self.work(self.desk.edit, key, asked))

    async def save(self, request: Request) -> Response:
        """Write the corrections of a session; the store's rows follow when that is done."""
        await _body(request, EDIT_BYTES, "the request")
        told, follow = await self.work(self.desk.save, request.path_params["key"])
        if follow is not None:
            self.worker.submit(follow)
        return JSONResponse(told)

    async def receive(self, request: Request) -> Response:
        """Take a dropped file, and answer with a line for each recording as it is read."""
        name = safe_name(request.query_params.get("name", ""))
        with ExitStack() as stack:
            file = stack.enter_context(spool())
            await _stream_to(file, request, name)
            kept = stack.pop_all()
        return StreamingResponse(self._read(kept, file, name), media_type="application/x-ndjson")

    async def _read(self, kept: ExitStack, file: Path, name: str) -> AsyncIterator[str]:
        with kept:
            try:
                steps = await self.work(self.desk.steps, file, name)
                for done, step in enumerate(steps, 1):
                    told = await self.work(step)
                    yield json.dumps({"done": done, "of": len(steps), **told}) + "\n"
            except IntervalDetectError as error:
                yield json.dumps({"done": 1, "of": 1, "refused": [sentence(error)]}) + "\n"
            finally:
                self.worker.submit(self.desk.settle)


async def _body(request: Request, most: int, what: str) -> bytes:
    """Return the body of a request, at most so many bytes."""
    parts: list[bytes] = []
    async for part in request.stream():
        parts.append(part)
        if sum(map(len, parts)) > most:
            raise EditError(f"{what} is larger than {most >> 10} KiB.")
    return b"".join(parts)


async def _stream_to(file: Path, request: Request, name: str) -> None:
    """Write the body of a request to a file, at most as much as is allowed."""
    most = most_bytes(name)
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or int(told) > most:
        raise too_large(name, most)
    size = 0
    with file.open("wb") as stream:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large(name, most)
            stream.write(part)


async def _refused(_: Request, error: Exception) -> Response:
    """Answer an error of the package, or of a body that is no JSON, with its sentence."""
    status = 413 if "is larger than" in str(error) else 400
    return JSONResponse({"error": sentence(error)}, status)


async def _gone(_: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


def make_app(desk: Desk, place: Place) -> Guard:
    """Return the whole application.

    Parameters
    ----------
    desk : Desk
    place : Place
        Address and token.
    """
    made = Pages(desk)
    session = "/sessions/{key:str}"
    app = Starlette(
        routes=[
            Route("/", made.home),
            Route("/assets/{name:str}", made.asset),
            Route("/files", made.receive, methods=["PUT"]),
            Route(session, made.session),
            Route(f"{session}/data.js", made.data),
            Route(f"{session}/corrections", made.corrections),
            Route(f"{session}/edit", made.edit, methods=["POST"]),
            Route(f"{session}/save", made.save, methods=["POST"]),
        ],
        exception_handlers={
            IntervalDetectError: _refused,
            ReadError: _refused,
            json.JSONDecodeError: _refused,
            UnicodeDecodeError: _refused,
            ClientDisconnect: _gone,
        },
    )
    return Guard(app, place)
