"""Random GPX and TCX documents as many makers write them, for comparing readers."""

from __future__ import annotations

from hypothesis import strategies as st

EXTENSIONS = ("hr", "cad", "atemp", "Temp", "power")

numbers = st.one_of(
    st.integers(-200, 9000).map(str),
    st.floats(-180, 180, allow_nan=False).map(repr),
    st.decimals(-180, 180, places=30, allow_nan=False).map(str),
    st.sampled_from(
        ["12.50000", "-0", "-0.0", ".5", "5.", "0.1e1", "4.2E-4", "+7", "1_0", " 8 ", "", "\n9\t"]
    ),
    st.sampled_from(["nan", "inf", "abc", "-", ".", "1.2.3", "12a", "0x1", "1,5"]),
)
times = st.one_of(
    st.integers(1_500_000_000, 1_500_000_100).map(lambda s: f"2017-07-14T{s // 60 % 24:02}:40:00Z"),
    st.integers(0, 59).map(lambda s: f"2024-02-29T23:59:{s:02}Z"),
    st.integers(0, 10**9 - 1).map(lambda f: f"2024-12-31T05:06:07.{f}Z"),
    st.sampled_from(
        [
            "2024-05-01T10:00:00.123456789+02:00", "2024-05-01T10:00:00-03:30",
            "2024-05-01T10:00:00+00:00", "2024-05-01 10:00:00", " 2024-05-01T10:00:00Z ",
            "2024-05-01T10:00:00.5", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.25Z",
        ]
    ),
    st.sampled_from(
        [
            "", "2024-05-01", "2023-02-29T10:00:00Z", "2024-05-01T24:00:01Z",
            "2024-13-01T10:00:00Z",
            "2024-05-01T10:60:00Z", "2024-05-01T10:00:60Z", "yesterday", "2024-05-01T10:00Z",
            "2024-05-01T10:00:00.Z", "2024-05-01T10:00:00+0200", "20240501T100000Z",
            "2024-05-01T10:00:00z", "2024-05-01T10:00:00,5Z", "2024-05-01T10:00:00Zulu",
        ]
    ),
)  # fmt: skip
gap = st.sampled_from(["", "\n  ", " ", "\r\n\t"])
texts = st.sampled_from(
    ["Morning run", "Löpning", "Tom &amp; Jerry", "", "<![CDATA[<trkpt> & co]]>", "a<!-- b -->c"]
)


@st.composite
def element(draw, name, content):
    blank = draw(st.sampled_from(["", " ", "\n"]))
    return f"<{name}{blank}>{content}</{name}{blank}>"


PLAIN_JUNK = ("", "<sat>9</sat>", "<fix/>", '<link href="a/?b=c"/>', "<a><b>7</b>tail</a>")
JUNK = (
    "<!-- <ele>1</ele> -->", "<cmt>Stra\u00dfe</cmt>", "<cmt>a &gt; b</cmt>", "<?pi <ele>?>",
    "<cmt><![CDATA[<ele>5</ele>]]></cmt>",
)  # fmt: skip


def junk(plain):
    """Elements that carry nothing; unless plain, also what only a full parser understands."""
    return st.sampled_from(PLAIN_JUNK if plain else PLAIN_JUNK + JUNK)


@st.composite
def gpx_point(draw, prefix, plain):
    attributes = [f"lat={q}{draw(numbers)}{q}" for q in [draw(st.sampled_from("\"'"))]]
    attributes += [f'lon="{draw(numbers)}"', *draw(st.sampled_from([[], ['id="a"']]))]
    parts = []
    names = st.sampled_from(["ele", "time", "speed", "ext", "junk"])
    for name in draw(st.lists(names, max_size=6, unique=plain)):
        if name == "ext":
            x = draw(st.sampled_from(["ns3:", "gpxtpx:"]))
            inner = "".join(
                f"<{x}{n}>{draw(numbers)}</{x}{n}>"
                for n in draw(st.lists(st.sampled_from(EXTENSIONS), max_size=4, unique=plain))
            )
            parts.append(f"<{prefix}extensions>{inner}</{prefix}extensions>")
        elif name == "junk":
            parts.append(draw(junk(plain)))
        else:
            content = draw(times if name == "time" else numbers)
            parts.append(draw(element(prefix + name, content)))
    space = draw(gap)
    order = draw(st.permutations(attributes))
    return f"<{prefix}trkpt {' '.join(order)}>{space}{space.join(parts)}{space}</{prefix}trkpt>"


@st.composite
def gpx(draw):
    prefix = draw(st.sampled_from(["", "", "g:"]))
    same, plain = draw(st.booleans()), draw(st.sampled_from([True, True, True, False]))
    tracks = []
    for _ in range(draw(st.integers(1, 3))):
        segments = []
        for _ in range(draw(st.integers(0, 2))):
            space = draw(gap)
            points = draw(st.lists(gpx_point(prefix, plain), max_size=5))
            if same and points:
                points = [points[0]] * 3 + points
            segments.append(f"<{prefix}trkseg>{space}{space.join(points)}</{prefix}trkseg>")
        head = f"<{prefix}name>{draw(texts)}</{prefix}name>{draw(junk(plain))}"
        tracks.append(f"<{prefix}trk>{head}{draw(gap).join(segments)}</{prefix}trk>")
    declared = 'xmlns:g="g" xmlns:ns3="n" xmlns:gpxtpx="t"'
    return (
        f"<{prefix}gpx creator='a > b' {declared}>{draw(junk(plain))}"
        f"{draw(gap).join(tracks)}</{prefix}gpx>{draw(gap)}"
    )


@st.composite
def tcx_point(draw, plain):
    parts = []
    names = ["time", "alt", "dist", "hr", "cad", "pos", "tpx", "junk"]
    for name in draw(st.lists(st.sampled_from(names), max_size=7, unique=plain)):
        value = draw(numbers)
        parts.append(
            {
                "alt": f"<AltitudeMeters>{value}</AltitudeMeters>",
                "dist": f"<DistanceMeters>{value}</DistanceMeters>",
                "hr": f'<HeartRateBpm xsi:type="a">\n<Value>{value}</Value></HeartRateBpm>',
                "cad": f"<Cadence>{value}</Cadence>",
                "pos": f"<Position><LatitudeDegrees>{value}</LatitudeDegrees>"
                "<LongitudeDegrees>8.5</LongitudeDegrees></Position>",
                "tpx": f"<Extensions><x:TPX CadenceSensor='Footpod'><x:Speed>{value}</x:Speed>"
                "<x:RunCadence>90</x:RunCadence><Watts>200</Watts></x:TPX></Extensions>",
                "time": f"<Time>{draw(times) if name == 'time' else ''}</Time>",
                "junk": draw(junk(plain)),
            }[name]
        )
    space = draw(gap)
    return f"<Trackpoint>{space}{space.join(parts)}</Trackpoint>"


@st.composite
def tcx_lap(draw, plain):
    fields = "".join(
        draw(
            st.lists(
                st.sampled_from(
                    [
                        "<TotalTimeSeconds>60.5</TotalTimeSeconds>",
                        "<Intensity>Active</Intensity>",
                        "<TotalTimeSeconds> x </TotalTimeSeconds>",
                        "<Intensity> Resting</Intensity>",
                        "<DistanceMeters>200</DistanceMeters>", "<Calories>5</Calories>",
                        "<TriggerMethod>Manual</TriggerMethod>", "<DistanceMeters/>",
                        "<MaximumHeartRateBpm><Value>150</Value></MaximumHeartRateBpm>",
                        *([] if plain else ["<Notes>&lt;</Notes>", "<!-- lap -->", "text"]),
                    ]
                ),
                max_size=5,
            )
        )
    )  # fmt: skip
    tracks = "".join(
        f"<Track>{''.join(draw(st.lists(tcx_point(plain), max_size=4)))}</Track>"
        for _ in range(draw(st.integers(0, 2)))
    )
    start = draw(times if plain else st.just("2024-05-01T10:00:&#48;0Z"))
    tail = "<Extensions><x:LX/></Extensions></Lap>"
    return f"<Lap StartTime='{start}'>{draw(gap)}{fields}{tracks}{tail}"


@st.composite
def tcx(draw):
    plain = draw(st.sampled_from([True, True, True, False]))
    activities = "".join(
        f'<Activity Sport="Running"><Id>2024-05-01T10:00:00Z</Id>'
        f"{''.join(draw(st.lists(tcx_lap(plain), max_size=3)))}"
        f"<Notes>{draw(texts)}</Notes><Creator><Name>Watch</Name></Creator></Activity>"
        for _ in range(draw(st.integers(1, 2)))
    )
    declared = 'xmlns="t" xmlns:x="x" xmlns:xsi="i"'
    return (
        f"<TrainingCenterDatabase {declared}>{draw(gap)}<Activities>{activities}</Activities>"
        "<Author><Name>x</Name></Author></TrainingCenterDatabase>"
    )
