"""A report: a folder of static pages that open from disk, without a server or a network.

``sessions`` holds a page and a data script for each session, ``assets`` what all pages share. The
file ``report.json`` lists what was written; a later report into the folder removes what it no
longer needs, and nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from intervaldetect.errors import ParameterError
from intervaldetect.output.line import local_time
from intervaldetect.report.format import Units
from intervaldetect.report.pages import Links, script, session_data, session_page
from intervaldetect.report.route_chart import route_spec
from intervaldetect.report.session import Session
from intervaldetect.report.session_chart import HEIGHTS, session_spec

LEDGER = "report.json"
ASSETS = ("report.css", "theme.js", "session.js", "season.js", "LICENSES.txt")
INDEX = "index.html"
UNFINISHED = "unfinished"
"""Stands in the ledger while a report is written."""


class Site:
    """The folder of a report while it is written.

    Parameters
    ----------
    folder : path
        Created where needed. It must be empty or hold an earlier report.

    Raises
    ------
    ParameterError
        The folder holds something else.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._written: set[str] = set()
        self._before = self._ledger()
        self._made: set[Path] = set()

    def write(self, name: str, text: str) -> None:
        """Write one file of the report; ``name`` is relative to its folder."""
        path = self.folder / name
        if not self._made:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._note({"files": sorted(self._before), UNFINISHED: True})
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        path.write_text(text, "utf-8", newline="\n")
        self._written.add(name)

    def close(self) -> None:
        """Remove what an earlier report left over, and write down what this one consists of."""
        for name in sorted(self._before - self._written):
            (self.folder / name).unlink(missing_ok=True)
        self._note({"files": sorted(self._written)})

    def _note(self, told: Mapping[str, Any]) -> None:
        (self.folder / LEDGER).write_text(json.dumps(told, indent=0) + "\n", "utf-8")

    def _unlisted(self) -> list[str]:
        """Return what a report that was interrupted may have written."""
        pages = [INDEX, *(f"{folder}/*" for folder in ("sessions", "assets"))]
        found = (path for page in pages for path in self.folder.glob(page))
        return [path.relative_to(self.folder).as_posix() for path in found if path.is_file()]

    def _refuse_foreign(self) -> None:
        """Raise where the folder holds anything, since it is none of ours."""
        if self.folder.is_dir() and any(self.folder.iterdir()):
            allowed = "an empty folder, a new one, or one that holds a report"
            raise ParameterError("-o", str(self.folder), allowed) from None

    def _ledger(self) -> set[str]:
        try:
            told = json.loads((self.folder / LEDGER).read_text("utf-8"))
            listed = list(told["files"])
            if told.get(UNFINISHED):
                listed += self._unlisted()
        except FileNotFoundError:
            self._refuse_foreign()
            return set()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            allowed = f"a folder whose {LEDGER} lists the files of a report"
            raise ParameterError("-o", str(self.folder), allowed) from error
        # Only what lies below the folder is ever removed.
        inside = (Path(name) for name in listed if isinstance(name, str))
        return {p.as_posix() for p in inside if not p.is_absolute() and ".." not in p.parts}


def write_assets(site: Site, charts: Mapping[str, Any]) -> None:
    """Write what all pages share: styles, scripts, the charts' descriptions, Vega itself."""
    source = resources.files("intervaldetect.report").joinpath("assets")
    for name in ASSETS:
        site.write(f"assets/{name}", source.joinpath(name).read_text("utf-8"))
    site.write("assets/vega.js", vega_bundle())
    site.write("assets/charts.js", "".join(script(name, spec) for name, spec in charts.items()))


def session_charts() -> dict[str, Any]:
    """Return the descriptions of the charts on a session's page."""
    specs = {each: session_spec(each, titled=False) for each in HEIGHTS}
    return {"sessionSpecs": specs, "routeSpec": route_spec()}


@cache
def vega_bundle() -> str:
    """Return Vega as one script that leaves nothing but ``vegaEmbed`` behind."""
    assets = resources.files("intervaldetect.report").joinpath("assets")
    return assets.joinpath("vega.js").read_text("utf-8")


def page_names(summaries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a file name without suffix for each session: its local start and a bit of its hash.

    No name of a session goes into it, so nothing foreign has to be made safe for file systems.
    """
    taken: set[str] = set()
    for summary in summaries:
        stem = f"{local_time(summary):%Y-%m-%d-%H%M}-{summary['sha256'][:8]}"
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name)
        yield name


def write_session(
    site: Site,
    session: Session,
    name: str,
    *,
    units: Units = "km",
    home: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Write the page of one session and its data, as ``sessions/NAME``."""
    links = Links(
        root="../",
        data=f"{name}.js",
        home=home,
        before=None if before is None else f"{before}.html",
        after=None if after is None else f"{after}.html",
    )
    site.write(f"sessions/{name}.html", session_page(session, links, units))
    site.write(f"sessions/{name}.js", session_data(session, units))


def write_single(site: Site, session: Session, units: Units) -> None:
    """Write the report of one session: its page is the entry."""
    site.write(INDEX, session_page(session, Links(root="", data="session-data.js"), units))
    site.write("session-data.js", session_data(session, units))
    write_assets(site, session_charts())
    site.close()
