"""What is no activity is refused in one line that names it; nothing else ever escapes."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest

from intervaldetect.errors import CorruptFile, LimitExceeded, NoRecords, ReadError, UnknownFormat
from intervaldetect.read import Reader, read_activities
from tests.effort import sampled
from tests.read import build

READERS: tuple[Reader, ...] = ("native", "reference")
TRUTH = build.truth()
PLAIN = build.plain_fit(TRUTH).bytes()


class Bomb:
    """Unpickling this would leave a trace."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.fit", PLAIN)
    return packed.getvalue()


NOT_ACTIVITIES = {
    "empty": (b"", "empty"),
    "text": (b"just some words\n", "text"),
    "json": (b'{"time": [1, 2, 3]}', "JSON"),
    "pickle": (pickle.dumps(Bomb()), "pickle"),
    "zip": (zipped(), "zip archive"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
    "kml": (b'<?xml version="1.0"?><kml></kml>', "kml"),
    "zeros": (bytes(5000), "zero bytes"),
    "binary": (bytes(range(256)) * 4, "binary"),
    "gzipped text": (gzip.compress(b"just some words\n"), "text"),
    "gzip in gzip": (gzip.compress(gzip.compress(PLAIN)), "gzip inside gzip"),
}


@pytest.mark.parametrize("name", NOT_ACTIVITIES)
def test_what_is_no_activity_is_named(name, tmp_path, monkeypatch):
    data, said = NOT_ACTIVITIES[name]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownFormat, match=said) as caught:
        read_activities(data, path="x.fit")
    assert caught.value.stage == "sniff"
    assert str(caught.value).startswith("x.fit: ")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_opened_is_named(tmp_path: Path):
    folder = tmp_path / "x.fit"
    folder.mkdir()
    pipe = tmp_path / "pipe.fit"
    os.mkfifo(pipe)
    for path, said in (
        (folder, "directory"),
        (tmp_path / "none.fit", "no such file"),
        (pipe, "not a regular file"),
        ("a\0b.fit", "null"),
    ):
        with pytest.raises(ReadError, match=said) as caught:
            read_activities(path)
        assert caught.value.stage == "open"


def gpx_without_time() -> bytes:
    points = '<trkpt lat="48" lon="10"/><trkpt lat="48.1" lon="10"/>'
    return build.gpx(f"<trkseg>{points}</trkseg>").encode()


def settings_file() -> bytes:
    return build.begin(build.Fit(), kind=2).bytes()


WITHOUT_SAMPLES = {
    "gpx without time": (gpx_without_time(), "none of 2 samples has a time"),
    "gpx without tracks": (build.gpx().encode(), "no track points"),
    "tcx without activities": (build.tcx().encode(), "no activities"),
    "settings": (settings_file(), "type settings"),
    "fit without messages": (build.Fit().bytes(), "no record messages"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", WITHOUT_SAMPLES)
def test_files_without_samples_say_why(name, reader):
    data, said = WITHOUT_SAMPLES[name]
    with pytest.raises(NoRecords, match=said):
        read_activities(data, path="x", reader=reader)


@pytest.mark.parametrize("reader", READERS)
def test_document_types_and_entities_are_refused(reader, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    doctype = (
        '<?xml version="1.0"?>\n<!DOCTYPE gpx [<!ENTITY x SYSTEM "' + secret.as_uri() + '">]>\n'
    )
    text = build.gpx(
        f"<trkseg>{build.gpx_points(TRUTH, build.PLAIN, 0, 3)}</trkseg>", prolog=doctype
    )
    for data in (
        text.encode(),
        text.encode("utf-16"),
        b"<!-- " + b"x" * 9000 + b"-->" + text.encode(),
    ):
        with pytest.raises(CorruptFile, match="document type"):
            read_activities(data, reader=reader)


@pytest.mark.parametrize("reader", READERS)
def test_deep_nesting_and_long_tokens_are_refused(reader):
    deep = b"<gpx>" + b"<a>" * 1_000_000
    wide = b'<gpx><trk a="' + b"x" * (1 << 25) + b'"/></gpx>'
    for data in (deep, wide):
        with pytest.raises(ReadError):
            read_activities(data, reader=reader)


def test_a_gzip_bomb_is_refused_by_its_limit():
    bomb = gzip.compress(b"<gpx>" + bytes(64 << 20), 9)
    with pytest.raises(LimitExceeded, match="unpacks to more than") as caught:
        read_activities(bomb)
    assert caught.value.stage == "unpack"


def test_a_cut_gzip_gives_what_lies_before_the_cut():
    text = build.gpx(f"<trkseg>{build.gpx_points(TRUTH, build.PLAIN, 0, build.N)}</trkseg>")
    packed = gzip.compress(text.encode())
    (activity,) = read_activities(packed[:-200])
    assert 0 < len(activity) < build.N
    assert activity.integrity == "partial"
    assert {"gzip_cut"} <= {problem.code for problem in activity.problems}


@pytest.mark.parametrize("reader", READERS)
def test_cut_xml_gives_every_complete_point_and_no_half_one(reader):
    text = build.gpx(f"<trkseg>{build.gpx_points(TRUTH, build.PLAIN, 0, 4)}</trkseg>")
    first = text.index("</trkpt>") + len("</trkpt>")
    for end in range(first, text.rindex("</trkpt>"), 7):
        (activity,) = read_activities(text[:end].encode(), reader=reader)
        assert len(activity) == text[:end].count("</trkpt>")
        assert activity.integrity == "partial"


def test_errors_carry_their_cause_and_survive_pickling():
    with pytest.raises(CorruptFile) as caught:
        read_activities(b"<gpx><trk><trkseg><trkpt lat='1'", path="cut.gpx")
    assert caught.value.line == 1
    assert caught.value.__cause__ is not None
    # Some libraries let causes and contexts travel with their errors.
    pickle.dumps((caught.value.__cause__, caught.value.__context__))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert type(copy) is CorruptFile


@pytest.mark.corpus
def test_every_corpus_file_gives_activities_or_an_error(corpus: Path):
    seen = 0
    for file in sampled(sorted(path for path in corpus.rglob("*") if path.is_file()), 12):
        found = outcome(file)
        if isinstance(found, str):
            assert found.startswith(str(file))
            assert "\n" not in found
        else:
            assert found > 0
        seen += 1
    assert seen > 100


def outcome(file: Path) -> int | str:
    """Samples read, or the error; anything but a ReadError fails the test by itself."""
    try:
        return sum(map(len, read_activities(file)))
    except ReadError as error:
        return str(error)
