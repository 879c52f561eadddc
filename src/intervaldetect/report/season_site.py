"""Reports of several sessions: the pages of a store with its season, or of a file's activities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from intervaldetect import __version__
from intervaldetect.output.line import local_time
from intervaldetect.report.format import LABELS, Units, clock, long_distance, safe_text
from intervaldetect.report.pages import POLICY, script, templates
from intervaldetect.report.season import (
    METHODS,
    Page,
    Tables,
    calendar,
    day_rows,
    list_rows,
    scales_of,
    season_data,
    series_rows,
    week_rows,
)
from intervaldetect.report.season_chart import season_charts
from intervaldetect.report.season_training import sheets_of
from intervaldetect.report.session import Session
from intervaldetect.report.site import (
    INDEX,
    Site,
    page_names,
    session_charts,
    write_assets,
    write_session,
    write_single,
)
from intervaldetect.report.stored import Entry, entries_of, sessions_of
from intervaldetect.store import Store

PERIODS = ((0, "all"), (364, "52 weeks"), (182, "26 weeks"), (84, "12 weeks"))


def write_files(site: Site, sessions: Sequence[Session], units: Units) -> int:
    """Write the report of the activities of a file: one page, or a list with a page for each.

    Parameters
    ----------
    site : Site
    sessions : sequence of Session
        At least one.
    units : {"km", "mi"}

    Returns
    -------
    int
        Number of sessions.
    """
    if len(sessions) == 1:
        write_single(site, sessions[0], units)
        return 1
    ordered = sorted(sessions, key=lambda session: str(session.summary["start_time"]))
    names = list(page_names(session.summary for session in ordered))
    _write_sessions(site, ordered, names, INDEX, units)
    pages = [
        Page(session.summary, f"sessions/{name}.html", local_time(session.summary))
        for session, name in zip(ordered, names, strict=True)
    ]
    site.write(INDEX, _season_page(pages, Tables(), "Sessions", units, data=None, home=None))
    write_assets(site, session_charts())
    site.close()
    return len(sessions)


def write_store(
    site: Site,
    store: Store,
    units: Units,
    *,
    timezone: str | None = None,
    positions: bool = False,
    athlete: str | None = None,
) -> int:
    """Write the report of a store: a season's page for each athlete, a page for each session.

    Parameters
    ----------
    site : Site
    store : Store
    units : {"km", "mi"}
    timezone : str, optional
        IANA name for runs whose local time is not known.
    positions : bool
        Whether routes may be shown, of sessions whose positions the store keeps.
    athlete : str, optional
        Only this one; by default all.

    Returns
    -------
    int
        Number of sessions; 0 for an empty store, of which a page says so.
    """
    wanted = store.athletes() if athlete is None else [athlete]
    athletes = {name: entries_of(store, name) for name in wanted}
    athletes = {name: entries for name, entries in athletes.items() if entries}
    every = [entry for entries in athletes.values() for entry in entries]
    names = dict(
        zip((e.activity for e in every), page_names(e.summary for e in every), strict=True)
    )
    several = len(athletes) > 1
    for number, (name, entries) in enumerate(athletes.items(), 1):
        stem = f"athlete-{number}" if several else "index"
        own = [names[entry.activity] for entry in entries]
        sessions = sessions_of(store, entries, positions=positions)
        _write_sessions(site, sessions, own, f"{stem}.html", units)
        tables = training_tables(store, name, timezone)
        _write_season(site, tables, name, entries, names, stem, units, several=several)
    if not athletes:
        site.write(INDEX, _season_page([], Tables(), "Sessions", units, data=None, home=None))
    elif several:
        site.write(INDEX, _athletes_page(athletes))
    write_assets(site, {**session_charts(), "seasonSpecs": season_charts()})
    site.close()
    return len(every)


def _write_sessions(
    site: Site, sessions: Iterable[Session], names: Sequence[str], home: str, units: Units
) -> None:
    for index, (session, name) in enumerate(zip(sessions, names, strict=True)):
        write_session(
            site,
            session,
            name,
            units=units,
            home=f"../{home}",
            before=names[index - 1] if index else None,
            after=names[index + 1] if index + 1 < len(names) else None,
        )


def _write_season(
    site: Site,
    tables: Tables,
    athlete: str,
    entries: Sequence[Entry],
    names: Mapping[int, str],
    stem: str,
    units: Units,
    *,
    several: bool,
) -> None:
    addresses = {entry.activity: f"sessions/{names[entry.activity]}.html" for entry in entries}
    pages = [
        Page(
            entry.summary,
            addresses[entry.activity],
            tables.begun.get(entry.activity) or local_time(entry.summary),
        )
        for entry in entries
    ]
    data = None
    if tables.weeks:
        days = [page.begun.date() for page in pages]
        data = f"{stem}-data.js"
        value = season_data(tables, addresses, (min(days), max(days)), units)
        site.write(data, script("seasonData", value))
    heading = safe_text(athlete) if several or athlete != "me" else "Season"
    home = INDEX if several else None
    page = _season_page(pages, tables, heading, units, data=data, home=home, addresses=addresses)
    site.write(f"{stem}.html", page)


def training_tables(store: Store, athlete: str, timezone: str | None) -> Tables:
    """Return an athlete's tables of the training view, as rows."""
    from intervaldetect import training

    history = training.read_history(store.folder, athlete=athlete, timezone=timezone)
    return Tables(
        weeks=training.training_weeks(history).to_dicts(),
        distribution=training.intensity_distribution(history).to_dicts(),
        days=training.double_threshold_days(history).to_dicts(),
        series=training.training_series(history).to_dicts(),
        steps=training.series_steps(history).to_dicts(),
        control=training.session_control(history).to_dicts(),
        load=training.load_weeks(history).to_dicts(),
        races=training.race_list(history).to_dicts(),
        predictions=training.race_predictions(history).to_dicts(),
        recovery=training.recovery_sessions(history).to_dicts(),
        durability=training.session_durability(history).to_dicts(),
        remarks=history.remarks,
        begun=dict(history.runs.select("activity", "local_start").iter_rows()),
    )


def _season_page(
    pages: Sequence[Page],
    tables: Tables,
    heading: str,
    units: Units,
    *,
    data: str | None,
    home: str | None,
    addresses: Mapping[int, str] | None = None,
) -> str:
    rows = list_rows(pages, units)
    addresses = addresses or {}
    weeks, days = week_rows(tables, units), day_rows(tables, addresses, units)
    series = series_rows(tables, addresses, units)
    sheets = sheets_of(tables, addresses, units)
    sections = [
        ("#weeks", "Weeks", weeks),
        ("#series", "Series", series),
        ("#sheets", "Control and load", sheets),
        ("#calendar", "Calendar", rows),
        ("#doubles", "Double days", days),
        ("#list", "Sessions", rows),
    ]
    return (
        templates()
        .get_template("season.html")
        .render(
            policy=POLICY,
            version=__version__,
            root="",
            data=data,
            home=home,
            heading=heading,
            sections=[(address, name) for address, name, there in sections if there],
            facts=_facts(pages, units),
            remarks=list(tables.remarks) if pages else ["There are no sessions."],
            periods=PERIODS,
            weeks=weeks,
            has_threshold=any(row["threshold_speed_mps"] for row in tables.weeks),
            scales=[(METHODS[method], scale) for method, scale in scales_of(tables)],
            series=series,
            sheets=sheets,
            years=calendar(pages, (row["day"] for row in tables.days)),
            days=days,
            labels=[*LABELS.items(), ("none", "not labelled")],
            kinds=sorted({row["kind"] for row in rows if row["kind"]}),
            rows=rows,
        )
    )


def _facts(pages: Sequence[Page], units: Units) -> list[str]:
    if not pages:
        return []
    days = [page.begun.date() for page in pages]
    metres = sum(page.summary["distance_m"] or 0.0 for page in pages)
    seconds = sum(page.summary["timer_s"] or 0.0 for page in pages)
    count = f"{len(pages)} sessions" if len(pages) > 1 else "1 session"
    return [
        count,
        f"{min(days):%Y-%m-%d} to {max(days):%Y-%m-%d}",
        long_distance(metres, units),
        clock(seconds),
    ]


def _athletes_page(athletes: Mapping[str, Sequence[Entry]]) -> str:
    rows: list[dict[str, Any]] = []
    for number, (athlete, entries) in enumerate(athletes.items(), 1):
        days = [local_time(entry.summary).date() for entry in entries]
        rows.append(
            {
                "address": f"athlete-{number}.html",
                "name": safe_text(athlete),
                "sessions": len(entries),
                "first": f"{min(days):%Y-%m-%d}",
                "last": f"{max(days):%Y-%m-%d}",
            }
        )
    made = templates().get_template("athletes.html")
    return made.render(policy=POLICY, version=__version__, root="", athletes=rows)
