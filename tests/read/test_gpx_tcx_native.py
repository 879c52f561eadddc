"""The native GPX and TCX readers against libxml2's, and against a walker of plain loops."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intervaldetect.errors import ReadError
from intervaldetect.kernels import _jit
from intervaldetect.read import gpx, lxml_reader, source, tcx, xml_scan
from intervaldetect.read.moments import parse_time
from intervaldetect.read.xml_names import GPX_CHANNELS, TCX_CHANNELS, ZEROED, parse_value
from intervaldetect.records.channels import NAMES
from tests.effort import WHOLE, sampled
from tests.read import build, xml_documents
from tests.reference import xml as slow

EXAMPLES = settings(
    max_examples=60 if _jit.JIT_ENABLED else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(autouse=True, scope="module")
def _by_scanner():
    """Have the byte scanner read, whether kernels are compiled or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_scan, "compiled", lambda: True)
        yield


NATIVE = {"gpx": gpx.read_gpx, "tcx": tcx.read_tcx}
LXML = {"gpx": lxml_reader.read_gpx, "tcx": lxml_reader.read_tcx}
POINT = {"gpx": "trkpt", "tcx": "trackpoint"}
VOCABULARY = {"gpx": gpx.VOCABULARY, "tcx": tcx.VOCABULARY}


def outcome(read, data):
    try:
        return read(data, "file")
    except ReadError as error:
        return type(error)


def assert_same(ours, theirs, *, but=()):
    assert isinstance(ours, list) == isinstance(theirs, list), (ours, theirs)
    if not isinstance(theirs, list):
        assert ours is theirs
        return
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.stamps, b.stamps)
        assert a.columns.keys() == b.columns.keys()
        for name, values in b.columns.items():
            # Bit for bit: -0.0 is not 0.0.
            assert values.tobytes() == np.ascontiguousarray(a.columns[name]).tobytes() or (
                str(values.tolist()) == str(a.columns[name].tolist())
            ), name
        for field in fields(a):
            if field.name not in {"stamps", "columns", *but}:
                left, right = getattr(a, field.name), getattr(b, field.name)
                if isinstance(right, list | tuple):
                    left, right = list(left), list(right)
                if field.name == "problems":  # which is met first is no part of the answer
                    left, right = sorted(left, key=str), sorted(right, key=str)
                assert left == right, field.name


def is_native(form, data):
    return xml_scan.read(data, "file", VOCABULARY[form], LXML[form]) is not None


encodings = st.sampled_from(
    [
        ("", "utf-8"), ("", "utf-8-sig"), ('<?xml version="1.0" encoding="UTF-8"?>', "utf-8"),
        ("<?xml version='1.0' encoding='iso-8859-1'?>\n", "iso-8859-1"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16"), ("", "utf-16-le"),
        ("<?xml version='1.0' encoding='cp1140'?>", "utf-8"),
    ]
)  # fmt: skip


@pytest.mark.parametrize("form", ["gpx", "tcx"])
@EXAMPLES
@given(data=st.data())
def test_whole_documents_read_as_by_libxml2(form, data):
    text = data.draw(xml_documents.gpx() if form == "gpx" else xml_documents.tcx())
    head, codec = data.draw(encodings)
    blanks = b"" if head and codec == "utf-16" else data.draw(st.sampled_from([b"", b"  \n"]))
    document = (head + text).encode(codec, "xmlcharrefreplace")
    document = document if codec.startswith("utf-16") else blanks + document
    assert_same(outcome(NATIVE[form], document), outcome(LXML[form], document))


@pytest.mark.parametrize("form", ["gpx", "tcx"])
@EXAMPLES
@given(data=st.data())
def test_cut_documents_give_the_points_that_libxml2_gives(form, data):
    text = data.draw(xml_documents.gpx() if form == "gpx" else xml_documents.tcx())
    document = text.encode()[: data.draw(st.integers(20, len(text)))]
    ours, theirs = outcome(NATIVE[form], document), outcome(LXML[form], document)
    assert_same(ours, theirs, but={"problems", "integrity"})
    if isinstance(theirs, list):
        assert [part.integrity == "partial" for part in ours] == [
            part.integrity == "partial" for part in theirs
        ]


@pytest.mark.parametrize("form", ["gpx", "tcx"])
@EXAMPLES
@given(data=st.data())
def test_points_are_those_that_a_plain_walker_finds(form, data):
    text = data.draw(xml_documents.gpx() if form == "gpx" else xml_documents.tcx())
    end = data.draw(st.integers(20, len(text)))
    document = text[:end]
    if not is_native(form, document.encode()):
        return
    parts = NATIVE[form](document.encode(), "file")
    found = slow.points(document, POINT[form])
    assert sum(part.stamps.size for part in parts) == len(found)
    rows = [(part, k) for part in parts for k in range(part.stamps.size)]
    for (part, k), (attributes, values) in zip(rows, found, strict=True):
        expected = expected_values(form, attributes, values)
        for name, value in expected.items():
            column = part.stamps if name == "time" else part.columns[name]
            assert column[k] == value or (math.isnan(column[k]) and math.isnan(value)), name


def expected_values(form, attributes, values):
    expected = dict.fromkeys(NAMES, math.nan)
    if form == "gpx":
        expected["latitude"] = number(attributes.get("lat", ""))
        expected["longitude"] = number(attributes.get("lon", ""))
    for parent, name, text in values:
        channel = GPX_CHANNELS.get(name) if form == "gpx" else TCX_CHANNELS.get((parent, name))
        if name == "time" and parent == POINT[form]:
            parsed = parse_time(text)
            expected["time"] = math.nan if parsed is None else parsed[0]
        elif channel is not None and math.isnan(expected[channel]):
            expected[channel] = number(text)
        elif channel in ZEROED and expected[channel] == 0.0 and number(text) != 0.0:
            # Of two channels the one with values; what is no number is none.
            second = number(text)
            expected[channel] = 0.0 if math.isnan(second) else second
    return expected


def number(text):
    return parse_value(text)[0]


# --- what hypothesis would find late -----------------------------------------------------------

TRUTH = build.truth()


def track(points):
    return f"<gpx xmlns='g'><trk><trkseg>{points}</trkseg></trk></gpx>".encode()


@pytest.mark.parametrize("form", ["gpx", "tcx"])
def test_a_document_cut_at_any_byte_gives_what_is_complete(form):
    scenario = next(s for s in build.scenarios() if s.format == form and s.data[:2] != b"\x1f\x8b")
    text = scenario.data.decode()[:4000]
    point = POINT[form]
    complete = 0
    for end in range(len(text)):
        if text[end - 1] == ">":
            complete = len(slow.points(text[:end], point))
        if not complete:
            continue
        parts = NATIVE[form](text[:end].encode(), "file")
        assert sum(part.stamps.size for part in parts) == complete
        assert parts[-1].integrity == "partial"
        assert [p.code for p in parts[-1].problems] == ["xml_cut"]


def test_a_cut_document_says_where_its_last_point_ended():
    whole = track("<trkpt lat='1' lon='2'/>" * 3)
    begin = whole.index(b"<trkpt")
    (part,) = gpx.read_gpx(b"  \n" + whole[: begin + 60], "file")
    assert part.stamps.size == 2
    assert part.problems[0].message == f"cut short: no complete point from byte {begin + 3 + 48} on"


def test_points_far_more_dense_than_usual_fit():
    points = "<trkpt/>" * 5000
    assert is_native("gpx", track(points))
    (part,) = gpx.read_gpx(track(points), "file")
    assert part.stamps.size == 5000
    assert np.isnan(part.columns["latitude"]).all()


def test_templates_do_not_leak_values_from_one_point_to_the_next():
    with_all = "<trkpt lat='1.5' lon='2.5'><ele>3</ele><time>2024-05-01T10:00:0{}Z</time></trkpt>"
    without = "<trkpt lat='1.5' lon='2.5'><time>2024-05-01T10:00:0{}Z</time></trkpt>"
    points = "".join((with_all if k % 3 else without).format(k) for k in range(10))
    (part,) = gpx.read_gpx(track(points), "file")
    assert [bool(np.isnan(v)) for v in part.columns["altitude"]] == [k % 3 == 0 for k in range(10)]
    assert np.diff(part.stamps).tolist() == [1.0] * 9


def test_the_first_offset_from_utc_counts():
    times = ["2024-05-01T10:00:00Z", "2024-05-01T12:00:01+02:00", "2024-05-01T11:00:02+01:00"]
    (part,) = gpx.read_gpx(track("".join(f"<trkpt><time>{t}</time></trkpt>" for t in times)), "f")
    assert part.utc_offset_s == 7200.0
    assert np.diff(part.stamps).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "inside",
    [
        "<ele>1</ele><!-- <ele>2</ele> -->", "<cmt>&amp;</cmt><ele>1</ele>", "<cmt>\u00e4</cmt>",
        "<cmt><![CDATA[</trkpt>]]></cmt>", "<?x <trkpt> ?>", "<a>" * 40 + "</a>" * 40,
        "<time>2024-05-01T10:00:00Z</time><time>2024-05-01T10:00:01Z</time>",
    ],
)  # fmt: skip
def test_what_the_scanner_does_not_understand_is_read_by_libxml2(inside):
    data = track(f"<trkpt lat='1' lon='2'>{inside}</trkpt>")
    assert not is_native("gpx", data)
    assert_same(outcome(gpx.read_gpx, data), outcome(lxml_reader.read_gpx, data))


@pytest.mark.parametrize(
    "bad",
    [
        b"<!DOCTYPE gpx><gpx><trk><trkseg><trkpt/></trkseg></trk></gpx>",
        b"<gpx><trk><trkseg><trkpt/></trkseg></trk><!ENTITY a 'b'></gpx",
        b"<gpx " + b"a" * 200 + b"='" + b"x" * (11 << 20) + b"'><trk/></gpx>",
        b"<gpx>" + b"<a>" * 100_000,
        b"<gpx>\x00<trk><trkseg><trkpt/></trkseg></trk></gpx>",
    ],
    ids=["doctype", "entity", "long attribute", "deep", "nul"],
)
def test_bombs_and_broken_documents_are_refused_as_by_libxml2(bad):
    assert_same(outcome(gpx.read_gpx, bad), outcome(lxml_reader.read_gpx, bad), but={"problems"})


def test_laps_end_at_their_last_point_and_totals_come_from_them():
    laps = "".join(
        build.tcx_lap(TRUTH, first, last).replace("<Track>", "<Track>" + " " * k)
        for k, (first, last) in enumerate([(0, 8), (8, 9), (9, 24)])
    )
    data = build.tcx(laps).encode()
    assert is_native("tcx", data)
    ours = tcx.read_tcx(data, "f")
    assert_same(ours, lxml_reader.read_tcx(data, "f"))
    assert [lap.end for lap in ours[0].laps[:2]] == [lap.start for lap in ours[0].laps[1:]]
    assert ours[0].session.timer_s == sum(lap.timer_s or 0.0 for lap in ours[0].laps)


@pytest.mark.corpus
def test_every_corpus_file_reads_as_by_libxml2(corpus):
    native = 0
    for form, data in corpus_documents(corpus):
        theirs = outcome(LXML[form], data)
        ours = outcome(NATIVE[form], data)
        whole = isinstance(theirs, list) and all(part.integrity != "partial" for part in theirs)
        assert_same(ours, theirs, but=() if whole else {"problems"})
        native += is_native(form, data)
    assert native > (120 if WHOLE else 20)


@pytest.mark.corpus
def test_corpus_files_cut_short_read_as_by_libxml2(corpus):
    rng = np.random.default_rng(3)
    documents = [
        (form, data) for form, data in corpus_documents(corpus) if 2000 < len(data) < 200_000
    ]
    assert documents
    for form, data in documents:
        for end in rng.integers(1000, len(data), 3).tolist():
            cut = data[:end]
            ours, theirs = outcome(NATIVE[form], cut), outcome(LXML[form], cut)
            assert_same(ours, theirs, but={"problems"})


def corpus_documents(corpus):
    for file in sampled(sorted(corpus.rglob("*")), 8):
        data = file.read_bytes() if file.is_file() else b""
        if data[:2] == b"\x1f\x8b":
            data = source.gunzip(data, file.name)[0]
        head = data[:3000]
        if b"<gpx" in head or b"TrainingCenterDatabase" in head:
            yield ("gpx" if b"<gpx" in head else "tcx"), data
