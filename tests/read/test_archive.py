"""Folders, archives and account exports as a stream of files."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import socket
import stat
import struct
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from intervaldetect.errors import CorruptFile, LimitExceeded, ReadError
from intervaldetect.read import read_activity, unzip
from intervaldetect.read.archive import iter_sources, show
from intervaldetect.read.catalogue import read_catalogue
from intervaldetect.read.unzip import Limits
from tests.read import build

FIT = next(s for s in build.scenarios() if s.format == "fit").data
GPX = next(s for s in build.scenarios() if s.format == "gpx").data

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file types and names")


def zipped(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def found(root, **limits):
    """Paths below the root of what is found -> size or reason of refusal."""
    limit = Limits(**limits)
    base = str(root)
    return {
        source.path.removeprefix(base): source.refusal.reason if source.refusal else source.size
        for source in iter_sources(root, limit)
    }


# --- folders -----------------------------------------------------------------------------------


def test_a_folder_is_walked_in_order_and_files_open_as_they_are(tmp_path):
    for name in ("b/2.gpx", "b/1.fit", "a.tcx.gz", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    sources = list(iter_sources(tmp_path))
    names = ["a.tcx.gz", "b/1.fit", "b/2.gpx", "notes.txt"]
    assert [source.path for source in sources] == [str(tmp_path / name) for name in names]
    assert [source.open() for source in sources] == [name.encode() for name in names]
    assert [source.likely for source in sources] == [True, True, True, False]
    assert sources[0].modified == (tmp_path / "a.tcx.gz").stat().st_mtime
    assert [s.path for s in iter_sources(tmp_path / "b" / "1.fit")] == [str(tmp_path / "b/1.fit")]


def test_what_an_activity_is_shows_in_its_bytes_too(tmp_path):
    for name, data in {
        "fit": FIT, "gpx.xml": GPX, "gz": gzip.compress(GPX), "wide": GPX.decode().encode("utf-16"),
        "picture": b"\x89PNG....", "page": b"<html>", "bad.gz": b"\x1f\x8bxxx",
        "._a.fit": b"apple",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    likely = {Path(source.path).name for source in iter_sources(tmp_path) if source.likely}
    assert likely == {"fit", "gpx.xml", "gz", "wide"}


@posix
def test_what_is_no_file_is_refused_with_its_kind(tmp_path):
    os.mkfifo(tmp_path / "a.fit")
    with socket.socket(socket.AF_UNIX) as endpoint:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket must be short
        endpoint.bind("b.fit")
        os.chdir(here)
        (tmp_path / "c.fit").symlink_to("nothing")
        (tmp_path / "d.fit").symlink_to("d.fit")
        reasons = found(tmp_path)
    assert reasons["/a.fit"] == "is not a file but a pipe"
    assert reasons["/b.fit"] == "is not a file but a socket"
    assert reasons["/c.fit"] == "is a link to nothing"
    assert "symbolic links" in reasons["/d.fit"]
    assert found(tmp_path / "none") == {"": "No such file or directory"}
    (reason,) = found("nul\0name").values()
    assert "embedded null" in reason


@posix
def test_links_are_followed_but_no_folder_is_read_twice(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.fit").write_bytes(b"one")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c.fit").symlink_to("a/1.fit")
    reasons = found(tmp_path)
    assert reasons["/a/1.fit"] == reasons["/c.fit"] == 3
    assert "already read" in reasons["/a/again"]
    assert "already read" in reasons["/b"]


@posix
def test_folders_without_numbers_are_told_apart_by_their_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without inode numbers gives all of its files the number 0."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.fit").write_bytes(b"one")
    (tmp_path / "b" / "again").symlink_to(tmp_path / "a")
    numbered = Path.stat

    def unnumbered(file: Path, **options: bool) -> os.stat_result:
        told = list(numbered(file, **options))
        told[stat.ST_INO] = 0
        return os.stat_result(told)

    monkeypatch.setattr(Path, "stat", unnumbered)
    reasons = found(tmp_path)
    assert reasons["/a/1.fit"] == reasons["/b/1.fit"] == 3
    assert "already read" in reasons["/b/again"]


@posix
def test_names_that_are_not_utf_8_are_read_and_shown(tmp_path):
    if sys.platform == "darwin":
        pytest.skip("the file system refuses such names")
    (tmp_path / os.fsdecode(b"l\xf6p\n\x1b.fit")).write_bytes(b"data")
    (source,) = pickle.loads(pickle.dumps(list(iter_sources(tmp_path))))
    assert source.path == str(tmp_path / "l") + r"\xf6p\x0a\x1b.fit"
    assert source.open() == b"data"
    source.path.encode()
    assert show("löp") == "löp"


def test_what_cannot_be_opened_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.fit").write_bytes(b"x")
    (tmp_path / "sub").mkdir()
    opened, listed = Path.open, Path.iterdir

    def refuse_file(path, *arguments):
        if path.name == "a.fit":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments)

    def refuse_folder(path):
        if path.name == "sub":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "open", refuse_file)
    monkeypatch.setattr(Path, "iterdir", refuse_folder)
    assert found(tmp_path) == {"/a.fit": "Permission denied", "/sub": "Permission denied"}


def test_folders_inside_one_another_are_bounded(tmp_path):
    (tmp_path / "1" / "2" / "3").mkdir(parents=True)
    assert found(tmp_path, folders=2) == {"/1/2/3": "more than 2 folders inside one another"}


def test_a_file_that_vanishes_or_grows_is_refused_when_it_is_opened(tmp_path):
    (tmp_path / "a.fit").write_bytes(b"12345")
    (source,) = iter_sources(tmp_path, Limits(file_bytes=4))
    with pytest.raises(LimitExceeded, match="larger than"):
        source.open()
    (tmp_path / "a.fit").unlink()
    with pytest.raises(ReadError, match="No such file"):
        source.open()


# --- zip archives --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("inner_method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_of_archives_and_of_archives_inside_them(tmp_path, method, inner_method):
    innermost = zipped({"deep.gpx": GPX}, inner_method)
    inner = zipped({"b/1.fit": FIT, "more.zip": innermost, "empty/": b""}, inner_method)
    file = tmp_path / "export.anything"
    file.write_bytes(zipped({"a.gpx": GPX, "parts/inner.zip": inner, "z.txt": b"no"}, method))
    sources = {s.path.removeprefix(str(file)): s for s in iter_sources(file)}
    assert list(sources) == [
        "!/a.gpx", "!/parts/inner.zip!/b/1.fit", "!/parts/inner.zip!/more.zip!/deep.gpx", "!/z.txt",
    ]  # fmt: skip
    unzip._unpacked.cache_clear()
    for source in pickle.loads(pickle.dumps(list(sources.values())[:3])):
        data, problems = source.read()
        assert data == (FIT if source.path.endswith(".fit") else GPX)
        assert problems == ()
        assert source.size == len(data)
        assert source.modified == file.stat().st_mtime
        assert len(read_activity(data, path=source.path)) == build.N
    assert not sources["!/z.txt"].likely


def test_a_zip_named_fit_is_read_as_what_it_is(tmp_path):
    (tmp_path / "1.fit").write_bytes(zipped({"1_ACTIVITY.fit": FIT}))
    (source,) = iter_sources(tmp_path)
    assert source.path == str(tmp_path / "1.fit") + "!/1_ACTIVITY.fit"
    assert source.open() == FIT


def test_an_archive_with_something_before_it_is_read(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04junk" * 9 + zipped({"1.fit": FIT}))
    (source,) = iter_sources(tmp_path)
    assert source.open() == FIT


def test_limits_have_their_own_reasons(tmp_path):
    file = tmp_path / "a.zip"
    inner = zipped({"1.fit": bytes(1000), "2.fit": os.urandom(1000)})
    file.write_bytes(zipped({"i.zip": inner, "z.fit": bytes(5000)}))
    assert found(file, depth=1)["!/i.zip"] == "more than 1 archives inside one another"
    assert list(found(file, entries=1).values()) == ["more than 1 entries"]
    assert "unpacks to more than 0 MiB in all" in found(file, total_bytes=1500).values()
    tight = {s.path[-5:]: s for s in iter_sources(file, Limits(free_bytes=100, ratio=3))}
    with pytest.raises(LimitExceeded, match="to more than 3 times as many"):
        tight["z.fit"].open()
    small = {s.path[-5:]: s for s in iter_sources(file, Limits(file_bytes=999))}
    with pytest.raises(LimitExceeded, match=r"z\.fit: larger than 0 MiB"):
        small["z.fit"].open()
    assert found(file, nested_bytes=100)["!/i.zip"] == "larger than 0 MiB"


def overlapping(count, size):
    """Build an archive whose entries all share one member's data."""
    data = zlib.compressobj(9, wbits=-15)
    packed = data.compress(bytes(size)) + data.flush()
    crc = zlib.crc32(bytes(size))
    fields = (20, 0, 8, 0, 33, crc, len(packed), size)
    body = struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields, 5, 0) + b"0.fit" + packed
    entry = struct.pack("<4sH5H3L5H2L", b"PK\x01\x02", 20, *fields, 5, 0, 0, 0, 0, 0, 0)
    directory = (entry + b"0.fit") * count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def test_entries_that_overlap_are_refused(tmp_path):
    file = tmp_path / "bomb.zip"
    file.write_bytes(overlapping(1, 50_000))
    assert found(file) == {"!/0.fit": 50_000}
    file.write_bytes(overlapping(250, 20 << 20))
    assert found(file) == {"": "entries overlap one another"}


def test_a_gzip_bomb_is_refused_in_little_memory(tmp_path):
    member = gzip.compress(bytes(1 << 20), 9)
    (tmp_path / "bomb.fit.gz").write_bytes(member * 1024)
    (source,) = iter_sources(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(LimitExceeded, match="unpacks to more than"):
            read_activity(source.open(), path=source.path)
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()


def test_a_directory_of_millions_of_entries_is_refused_unread(tmp_path):
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 10**7, 10**7, 10**9, 30)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 30, 1)
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(26) + end64 + locator + end)
    assert list(found(tmp_path).values()) == ["more than 200000 entries"]


def test_what_cannot_be_unpacked_is_named(tmp_path):
    data = bytearray(zipped({"1.fit": FIT, "2.fit": FIT}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    second = data.index(b"PK\x01\x02", entry + 4)
    data[second + 10] = 12
    file = tmp_path / "a.zip"
    file.write_bytes(data)
    assert found(file) == {
        "!/1.fit": "is encrypted",
        "!/2.fit": "is packed by method 12, not supported",
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"1.fit": FIT})[:-30], "zip archive without its directory"),
        (b"PK\x03\x04", "zip archive without its directory"),
        (zipped({"1.fit": FIT}).replace(b"PK\x01\x02", b"PK\x01\x07"), "damaged zip archive"),
    ],
)
def test_damaged_archives_are_refused(tmp_path, data, reason):
    (tmp_path / "a.zip").write_bytes(data)
    assert [text.startswith(reason) for text in found(tmp_path).values()] == [True]


def test_a_damaged_member_gives_what_is_whole(tmp_path):
    file = tmp_path / "a.zip"
    intact = zipped({"1.gpx": GPX, "2.gpx": GPX})
    stored = zipped({"1.gpx": GPX}, zipfile.ZIP_STORED)
    middle = 35 + (intact.index(b"PK\x03\x04", 4) - 35) // 2
    file.write_bytes(intact[:middle] + bytes(40) + intact[middle + 40 :])
    first, second = iter_sources(file)
    data, problems = first.read()
    assert 0 < len(data) <= len(GPX)
    assert problems[0].code in {"zip_damaged", "zip_checksum", "zip_cut"}
    assert data[:200] == GPX[:200]
    assert second.read() == (GPX, ())

    file.write_bytes(stored.replace(b"trkpt", b"TRKPT", 1))
    (source,) = iter_sources(file)
    assert [problem.code for problem in source.read()[1]] == ["zip_checksum"]

    smaller = bytearray(intact)
    entry = smaller.index(b"PK\x01\x02")
    smaller[entry + 24 : entry + 28] = struct.pack("<L", len(GPX) - 5)
    file.write_bytes(smaller)
    with pytest.raises(CorruptFile, match="more than the archive's directory says"):
        next(iter_sources(file)).read()
    smaller[entry + 24 : entry + 28] = struct.pack("<L", len(GPX) + 5)
    file.write_bytes(smaller)
    data, problems = next(iter_sources(file)).read()
    assert data == GPX
    assert [problem.code for problem in problems] == ["zip_cut"]


def test_a_member_that_is_not_where_the_directory_says(tmp_path):
    data = zipped({"1.fit": FIT})
    (tmp_path / "a.zip").write_bytes(b"XX" + data[2:])
    (source,) = iter_sources(tmp_path)
    assert source.open() == b"XX" + data[2:]  # no zip by content
    (tmp_path / "a.zip").write_bytes(zipped({"0.fit": b"0"}) + data[2:])
    with pytest.raises(ReadError):
        list(iter_sources(tmp_path))[-1].open()


# --- account exports ---------------------------------------------------------------------------

STRAVA = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,"
    "Filename\n"
    '7,"1 Jan 2024, 10:00:00",Track night,Run,"10 x 400, ""fast""\nwindy",3600,'
    "activities/7.fit.gz\n"
    "8,x,Easy,Ride,,10,activities/8.gpx\n"
    "9,x,Gym,Workout,,10,\n"
)
GERMAN = (
    "\ufeffDateiname,Aktivitäts-ID,Name der Aktivität,Beschreibung der Aktivität,Aktivitätsart\n"
    "activities/7.fit.gz,7,Bahn,,Lauf\n"
)


@pytest.mark.parametrize("packed", [False, True])
def test_a_strava_export_names_its_files(tmp_path, packed):
    files = {
        "activities.csv": STRAVA.encode(), "activities/7.fit.gz": gzip.compress(FIT),
        "activities/8.gpx": GPX, "activities/other.gpx": GPX, "media/1.jpg": b"\xff\xd8\xff",
    }  # fmt: skip
    root = tmp_path / "export"
    if packed:
        root.write_bytes(zipped(files))
    else:
        for name, data in files.items():
            (root / name).parent.mkdir(exist_ok=True, parents=True)
            (root / name).write_bytes(data)
    sources = {source.path.rpartition("/")[2]: source for source in iter_sources(root)}
    track = sources["7.fit.gz"]
    assert (track.name, track.activity_type) == ("Track night", "Run")
    assert track.description == '10 x 400, "fast"\nwindy'
    assert (sources["8.gpx"].name, sources["8.gpx"].description) == ("Easy", None)
    assert sources["other.gpx"].name is None
    assert [name for name, s in sources.items() if not s.likely] == ["activities.csv", "1.jpg"]
    assert len(read_activity(track.open(), path=track.path)) == build.N
    if not packed:
        inside = {s.path.rpartition("/")[2]: s.name for s in iter_sources(root / "activities")}
        assert inside["7.fit.gz"] == "Track night"


def test_the_table_is_read_in_any_language_and_order():
    (entry,) = read_catalogue(GERMAN.encode(), "x").items()
    assert entry == ("x/activities/7.fit.gz", ("Bahn", None, "Lauf"))
    french = "ID,Nom de l'activité,Type d'activité,Description de l'activité,Nom du fichier\n"
    rows = "1,Piste,Course à pied,dur,activities\\1.gpx\n"
    assert read_catalogue((french + rows).encode(), ".") == {
        "activities/1.gpx": ("Piste", "dur", "Course à pied")
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"a,b\n", b"a,b\n1,2\n", b"\x00\xff\xfe", b'Filename\n"activities/1.gpx\n' * 3],
)
def test_a_table_of_another_kind_names_nothing_or_only_files(data):
    assert all(entry == (None, None, None) for entry in read_catalogue(data, ".").values())


def test_a_garmin_export_of_nested_archives(tmp_path):
    parts = {
        f"DI_CONNECT/Up/Part{k}.zip": zipped({f"a_{k}.fit": FIT, "b.json": b"{}"}) for k in (1, 2)
    }
    file = tmp_path / "export.zip"
    file.write_bytes(zipped({"DI_CONNECT/profile.json": b"{}", **parts}, zipfile.ZIP_STORED))
    likely = [source.path.removeprefix(str(file)) for source in iter_sources(file) if source.likely]
    assert likely == [f"!/DI_CONNECT/Up/Part{k}.zip!/a_{k}.fit" for k in (1, 2)]
