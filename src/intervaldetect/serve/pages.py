"""The pages of the server: those of a report, alive, and the list before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, get_args
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader

from intervaldetect import __version__
from intervaldetect.output.line import local_time
from intervaldetect.records import Kind
from intervaldetect.report.format import (
    LABELS,
    Units,
    clock,
    kind_text,
    long_distance,
    safe_text,
    workout_text,
)
from intervaldetect.report.pages import (
    Links,
    script,
    session_picture,
    session_values,
    templates,
)
from intervaldetect.report.session import session_of, title_of
from intervaldetect.report.site import session_charts, vega_bundle
from intervaldetect.serve.keeping import PAGE, Listed
from intervaldetect.serve.security import POLICY
from intervaldetect.serve.shelf import Opened

SHARED = ("report.css", "theme.js", "session.js", "LICENSES.txt")
OWN = ("serve.css", "home.js", "edit.js", "icon.svg")
TYPES = {"css": "text/css", "js": "text/javascript", "txt": "text/plain", "svg": "image/svg+xml"}


@cache
def _templates() -> Environment:
    """Return the templates of reports with those of the server before them."""
    return templates().overlay(
        loader=ChoiceLoader(
            [
                PackageLoader("intervaldetect.serve", "templates"),
                PackageLoader("intervaldetect.report", "templates"),
            ]
        )
    )


@cache
def asset(name: str) -> str | None:
    """Return a script or a style, None for what is none of them."""
    if name == "vega.js":
        return vega_bundle()
    if name == "charts.js":
        return "".join(script(key, spec) for key, spec in session_charts().items())
    for room, names in (("report", SHARED), ("serve", OWN)):
        if name in names:
            folder = resources.files(f"intervaldetect.{room}").joinpath("assets")
            return folder.joinpath(name).read_text("utf-8")
    return None


def home_page(
    listed: Sequence[Mapping[str, Any]],
    count: int,
    *,
    page: int = 0,
    words: str = "",
    store: str = "",
) -> str:
    """Return the first page: where recordings are dropped, and the list of sessions."""
    pages = max((count - 1) // PAGE + 1, 1)

    def link(number: int) -> str:
        return f"?{urlencode({'page': number + 1, 'find': words})}"

    return (
        _templates()
        .get_template("home.html")
        .render(
            policy=POLICY,
            version=__version__,
            root="",
            rows=listed,
            count=count,
            words=words,
            store=safe_text(store),
            page=page + 1,
            pages=pages,
            before=link(page - 1) if page > 0 else None,
            after=link(page + 1) if page + 1 < pages else None,
        )
    )


def row_of_stored(listed: Listed, units: Units) -> dict[str, Any]:
    """Return a session of a store as texts for the list."""
    named = {"name": listed.name, "path": listed.path}
    return {
        "key": listed.key,
        "title": title_of(named),
        "day": listed.day,
        "distance": long_distance(listed.distance_m, units),
        "time": clock(listed.timer_s),
        "workout": safe_text(listed.workout, 1000),
        "label": listed.label,
        "told": LABELS.get(listed.label or "", "not labelled"),
        "kind": kind_text(listed.kind),
    }


def row_of_opened(opened: Opened, units: Units) -> dict[str, Any]:
    """Return a session in memory as texts for the list."""
    summary = session_of(opened.corrected()).summary
    day = f"{local_time(summary):%Y-%m-%d}"
    return {
        "key": opened.recording.key,
        "title": title_of(summary),
        "day": day,
        "distance": long_distance(summary["distance_m"], units),
        "time": clock(summary["timer_s"]),
        "workout": workout_text(summary, units),
        "label": summary["label"],
        "told": LABELS.get(summary["label"] or "", "not labelled"),
        "kind": kind_text(summary["kind"]),
    }


def refused_page(reason: str) -> str:
    """Return the page that says why a session cannot be shown."""
    return (
        _templates()
        .get_template("refused.html")
        .render(policy=POLICY, version=__version__, root="../", home="../", reason=reason)
    )


def live_page(opened: Opened, units: Units, *, saves: bool) -> str:
    """Return the page of a session that can be corrected."""
    key = opened.recording.key
    links = Links(root="../", data=f"{key}/data.js", home="../")
    values = session_values(session_of(opened.corrected()), links, units)
    return (
        _templates()
        .get_template("live.html")
        .render(
            **{**values, "policy": POLICY},
            key=key,
            saves=saves,
            labels=list(LABELS.items()),
            kinds=[(kind, kind_text(kind)) for kind in get_args(Kind)],
        )
    )


def live_data(opened: Opened, units: Units) -> str:
    """Return the script with what the page of a session draws and what can be changed."""
    picture = session_picture(session_of(opened.corrected()), units)
    return script("sessionData", picture) + script("editState", edit_state(opened))


def answer(opened: Opened, units: Units, *, saves: bool) -> dict[str, Any]:
    """Return what a page needs after an edit: itself anew, and what its picture draws."""
    picture = session_picture(session_of(opened.corrected()), units)
    return {
        "html": live_page(opened, units, saves=saves),
        "picture": {name: picture[name] for name in ("facts", "bands")},
        "state": edit_state(opened),
    }


def edit_state(opened: Opened) -> dict[str, Any]:
    """Return the draft of a session, what the detector found, and what can be undone."""
    drafts, draft = opened.drafts, opened.drafts.now
    found = [s for s in opened.found.workout.segments if s.role == "rep"]
    return {
        "key": opened.recording.key,
        "whole": round(drafts.whole_s, 1),
        "reps": [
            {"start": rep.start_s, "end": rep.end_s, "lactate": rep.lactate_mmol}
            for rep in draft.reps
        ],
        "found": [[round(s.start_s, 1), round(s.end_s, 1)] for s in found],
        "foundText": opened.found.workout.text or "no planned efforts",
        "label": draft.label,
        "kind": draft.kind,
        "rpe": draft.rpe,
        "feeling": draft.feeling,
        "note": draft.note,
        "undo": bool(drafts.past),
        "redo": bool(drafts.future),
        "changed": draft != drafts.saved,
    }
