"""Files that a store has met and that are no longer where they were."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from intervaldetect.store import Store


def drop_gone(store: Store, folder: Path, met: Collection[str]) -> list[str]:
    """Drop the rows of files that are gone where nothing is lost by it; return the others.

    Nothing is lost where another file that is still there holds all of its sessions, or where it
    held none. The sessions of other files stay in the store.

    Parameters
    ----------
    store : Store
    folder : path
        What was walked; files elsewhere may lie on a disk that is not connected.
    met : collection of str
        Paths that were found there.

    Returns
    -------
    list of str
        Paths of files that are gone and whose sessions are kept.
    """
    kept = []
    for path in paths_below(store, str(folder)):
        if path in met or _is_there(path):
            continue
        others = _also_held_by(store, path)
        if all(others.values()):
            store.forget(path, {number: paths[0] for number, paths in others.items()})
        else:
            kept.append(path)
    return kept


def paths_below(store: Store, folder: str) -> list[str]:
    """Return the paths of all files met in a folder or archive, or of the file it is."""
    rows = store.query(
        "SELECT path FROM sources WHERE path = ?1 OR substr(path, 1, length(?2)) = ?2"
        " OR substr(path, 1, length(?3)) = ?3 ORDER BY path",
        (folder, folder.rstrip(os.sep) + os.sep, folder + "!/"),
    )
    return [path for (path,) in rows]


def _also_held_by(store: Store, path: str) -> dict[int, list[str]]:
    """Return the activities of a file, each with the other files that are there and hold it."""
    rows = store.query(
        "SELECT mine.activity, other.path FROM source_activities mine"
        " LEFT JOIN source_activities other"
        " ON other.activity = mine.activity AND other.path <> mine.path"
        " WHERE mine.path = ? ORDER BY other.path",
        (path,),
    )
    found: dict[int, list[str]] = {number: [] for number, _ in rows}
    for number, other in rows:
        if other is not None and _is_there(other):
            found[number].append(other)
    return found


def _is_there(path: str) -> bool:
    """Whether a file, or the archive that holds it, exists."""
    return os.path.lexists(path.partition("!/")[0])
