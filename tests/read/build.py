"""Built watch files: every scenario is (bytes, what a reader must make of them).

The FIT encoder here writes what devices write and what damaged files hold; it shares nothing with
the package but the numbers of the FIT profile.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

START = 1_700_000_000
FIT_START = START - 631065600
N = 24

UINT8, UINT16, UINT32, SINT8, SINT32 = 0x02, 0x84, 0x86, 0x01, 0x85
ENUM, STRING, FLOAT32, BYTE, UINT32Z = 0x00, 0x07, 0x88, 0x0D, 0x8C
_LETTER = {0x00: "B", 0x01: "b", 0x02: "B", 0x83: "h", 0x84: "H", 0x85: "i", 0x86: "I"}
_LETTER |= {0x07: "s", 0x88: "f", 0x89: "d", 0x0D: "B", 0x0A: "B", 0x8B: "H", 0x8C: "I"}
_SIZE = {code: struct.calcsize(letter) for code, letter in _LETTER.items()}
INVALID = {0x00: 0xFF, 0x01: 0x7F, 0x02: 0xFF, 0x83: 0x7FFF, 0x84: 0xFFFF, 0x85: 0x7FFFFFFF}
INVALID |= {0x86: 0xFFFFFFFF, 0x0D: 0xFF, 0x8C: 0, 0x0A: 0}

FieldDef = tuple[int, int, int]
"""Field number, number of items, base type."""


def crc16(data: bytes, crc: int = 0) -> int:
    """CRC-16/ARC bit by bit: polynomial x^16 + x^15 + x^2 + 1, reflected."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


@dataclass
class Fit:
    """One FIT file in the making."""

    endian: str = "<"
    header_size: int = 14
    body: bytearray = field(default_factory=bytearray)
    layouts: dict[int, tuple[str, list[FieldDef]]] = field(default_factory=dict)

    def define(
        self,
        local: int,
        number: int,
        fields: Sequence[FieldDef],
        developer: Sequence[tuple[int, int, int]] = (),
    ) -> Fit:
        """Write a definition; ``developer`` lists field number, size in bytes, developer index."""
        self.body += bytes([0x40 | local | (0x20 if developer else 0), 0, self.endian == ">"])
        self.body += struct.pack(self.endian + "HB", number, len(fields))
        for key, count, base in fields:
            self.body += bytes([key, count * _SIZE[base], base])
        if developer:
            self.body.append(len(developer))
            for entry in developer:
                self.body += bytes(entry)
        self.layouts[local] = (self.endian, list(fields))
        return self

    def pack(self, local: int, values: Sequence[object]) -> bytes:
        endian, fields = self.layouts[local]
        out = bytearray()
        for (_, count, base), value in zip(fields, values, strict=True):
            if base == STRING:
                assert isinstance(value, str)
                out += value.encode().ljust(count, b"\0")[:count]
                continue
            items = list(value) if isinstance(value, list | tuple) else [value]
            items += [None] * (count - len(items))
            for item in items:
                number = INVALID[base] if item is None else item
                out += struct.pack(endian + _LETTER[base], number)
        return bytes(out)

    def data(self, local: int, *values: object, developer: bytes = b"") -> Fit:
        self.body += bytes([local]) + self.pack(local, values) + developer
        return self

    def compressed(self, local: int, stamp: int, *values: object) -> Fit:
        self.body += bytes([0x80 | local << 5 | stamp & 0x1F]) + self.pack(local, values)
        return self

    def bytes(self) -> bytes:
        header = struct.pack("<BBHI4s", self.header_size, 0x20, 2184, len(self.body), b".FIT")
        if self.header_size == 14:
            header += struct.pack("<H", crc16(header))
        return header + bytes(self.body) + struct.pack("<H", crc16(header + bytes(self.body)))


# --- what was run ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """Sample values that FIT, GPX and TCX can all hold exactly enough."""

    time: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    altitude: np.ndarray
    distance: np.ndarray
    speed: np.ndarray
    heart_rate: np.ndarray
    strides: np.ndarray
    power: np.ndarray
    temperature: np.ndarray


def truth(n: int = N) -> Truth:
    i = np.arange(n)
    return Truth(
        time=START + i.astype(float),
        latitude=(572662306 + 310 * i) * 180.0 / 2**31,
        longitude=(119304647 + 17 * i) * 180.0 / 2**31,
        altitude=120.0 + 0.2 * (i % 7),
        distance=3.5 * i,
        speed=3.5 + 0.001 * i,
        heart_rate=130.0 + i,
        strides=85.0 + i % 3,
        power=250.0 + i,
        temperature=np.full(n, 17.0),
    )


def expected(t: Truth, **changed: np.ndarray | None) -> dict[str, np.ndarray]:
    """Columns as ``Activity`` has them for a run; a channel given as None is null throughout."""
    columns: dict[str, np.ndarray] = {
        "time": t.time - t.time[0],
        "latitude": t.latitude,
        "longitude": t.longitude,
        "altitude": t.altitude,
        "distance": t.distance,
        "speed": t.speed,
        "heart_rate": t.heart_rate,
        "cadence": 2 * t.strides,
        "power": t.power,
        "temperature": t.temperature,
    }
    for name, values in changed.items():
        columns[name] = np.full(t.time.size, np.nan) if values is None else values
    return columns


@dataclass(frozen=True)
class Scenario:
    """A built file and the columns of its parts."""

    name: str
    format: str
    data: bytes
    parts: list[dict[str, np.ndarray]]
    tolerance: float = 1e-6

    def __str__(self) -> str:
        return f"{self.format}-{self.name}"


# --- FIT ---------------------------------------------------------------------------------------

RECORD: list[FieldDef] = [
    (253, 1, UINT32),
    (0, 1, SINT32),
    (1, 1, SINT32),
    (2, 1, UINT16),
    (5, 1, UINT32),
    (6, 1, UINT16),
    (3, 1, UINT8),
    (4, 1, UINT8),
    (7, 1, UINT16),
    (13, 1, SINT8),
]


def record_values(t: Truth, i: int) -> list[int]:
    semi = 2**31 / 180.0
    return [
        round(t.time[i]) - 631065600,
        round(t.latitude[i] * semi),
        round(t.longitude[i] * semi),
        round((t.altitude[i] + 500.0) * 5),
        round(t.distance[i] * 100),
        round(t.speed[i] * 1000),
        round(t.heart_rate[i]),
        round(t.strides[i]),
        round(t.power[i]),
        round(t.temperature[i]),
    ]


def begin(fit: Fit, kind: int = 4) -> Fit:
    fit.define(
        0, 0, [(0, 1, ENUM), (1, 1, UINT16), (2, 1, UINT16), (4, 1, UINT32), (3, 1, UINT32Z)]
    )
    return fit.data(0, kind, 1, 2431, FIT_START, 123456)


def end(fit: Fit, t: Truth, sport: int = 1) -> Fit:
    first, last = round(t.time[0]) - 631065600, round(t.time[-1]) - 631065600
    elapsed = (last - first) * 1000
    lap = [(253, 1, UINT32), (2, 1, UINT32), (7, 1, UINT32), (8, 1, UINT32), (9, 1, UINT32)]
    fit.define(1, 19, [*lap, (23, 1, ENUM), (24, 1, ENUM), (71, 1, UINT16)])
    metres = round(float(t.distance[-1]) * 100)
    fit.data(1, last, first, elapsed, elapsed, metres, 0, 7, 3)
    session = [(253, 1, UINT32), (2, 1, UINT32), (7, 1, UINT32), (8, 1, UINT32), (9, 1, UINT32)]
    fit.define(1, 18, [*session, (5, 1, ENUM), (6, 1, ENUM), (24, 1, UINT8), (137, 1, UINT8)])
    fit.data(1, last, first, elapsed, elapsed, metres, sport, 4, 34, 12)
    fit.define(1, 34, [(253, 1, UINT32), (5, 1, UINT32), (1, 1, UINT16)])
    return fit.data(1, last, last + 7200, 1)


def plain_fit(t: Truth, **options: object) -> Fit:
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    fit.define(2, 20, RECORD)
    for i in range(t.time.size):
        fit.data(2, *record_values(t, i))
    return end(fit, t)


def compressed_fit(t: Truth, **options: object) -> Fit:
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    fit.define(2, 20, RECORD)
    fit.data(2, *record_values(t, 0))
    fit.define(3, 20, RECORD[1:])
    for i in range(1, t.time.size):
        values = record_values(t, i)
        fit.compressed(3, values[0], *values[1:])
    return end(fit, t)


def developer_fit(t: Truth, **options: object) -> Fit:
    """Power only as a developer field that names its native counterpart; another one is noise."""
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    fit.define(3, 207, [(3, 1, UINT8), (1, 16, BYTE)])
    fit.data(3, 0, list(range(16)))
    fit.define(
        3,
        206,
        [
            (0, 1, UINT8),
            (1, 1, UINT8),
            (2, 1, UINT8),
            (3, 6, STRING),
            (14, 1, UINT16),
            (15, 1, UINT8),
        ],
    )
    fit.data(3, 0, 5, FLOAT32, "Power", 20, 7)
    fit.data(3, 0, 6, UINT16, "Form", None, None)
    native = [entry for entry in RECORD if entry[0] != 7]
    fit.define(2, 20, native, developer=[(6, 2, 0), (5, 4, 0)])
    for i in range(t.time.size):
        values = record_values(t, i)
        extra = struct.pack(fit.endian + "Hf", 77, values.pop(8))
        fit.data(2, *values, developer=extra)
    return end(fit, t)


def enhanced_fit(t: Truth, **options: object) -> Fit:
    """enhanced_* beside the plain fields, which are invalid; speed as an array of two."""
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    layout = [*RECORD, (78, 1, UINT32), (73, 2, UINT32), (53, 1, UINT8)]
    fit.define(2, 20, layout)
    for i in range(t.time.size):
        values: list[object] = list(record_values(t, i))
        altitude, speed = values[3], values[5]
        values[3] = values[5] = None
        fit.data(2, *values, altitude, [None, speed], 0)
    return end(fit, t)


def packed_fit(t: Truth, **options: object) -> Fit:
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    fit.define(2, 20, [(253, 1, UINT32), (3, 1, UINT8), (8, 3, BYTE)])
    for i in range(t.time.size):
        speed = round(t.speed[i] * 100)
        distance = int(t.distance[i] * 16) & 0xFFF
        packed = [speed & 0xFF, speed >> 8 | (distance & 0x0F) << 4, distance >> 4]
        fit.data(2, round(t.time[i]) - 631065600, round(t.heart_rate[i]), packed)
    return end(fit, t)


def noisy_fit(t: Truth, **options: object) -> Fit:
    """Unknown messages, unknown and oddly sized fields, redefinitions, invalid values."""
    fit = begin(Fit(**options))  # type: ignore[arg-type]
    fit.define(4, 0xFF42, [(1, 3, UINT32), (2, 9, STRING)])
    fit.define(2, 20, [*RECORD, (200, 2, UINT16), (201, 3, BYTE)])
    for i in range(t.time.size):
        values: list[object] = list(record_values(t, i))
        if i == 5:
            values[6] = None
        if i % 4 == 0:
            fit.data(4, [1, 2, 3], "noise")
        if i == 12:
            fit.define(2, 20, [*RECORD, (201, 3, BYTE), (200, 2, UINT16)])
        extra: list[object] = [[7, None], [1, 2, 3]]
        fit.data(2, *values, *(extra if i < 12 else extra[::-1]))
    return end(fit, t)


FIT_VARIANTS = {
    "plain": plain_fit,
    "compressed": compressed_fit,
    "developer": developer_fit,
    "enhanced": enhanced_fit,
    "packed": packed_fit,
    "noisy": noisy_fit,
}


def fit_variants() -> dict[str, bytes]:
    """Small files in every encoding: each variant in both byte orders and both headers."""
    return {
        f"{name}{'-big' if endian == '>' else ''}-{header}": build(
            truth(), endian=endian, header_size=header
        ).bytes()
        for name, build in FIT_VARIANTS.items()
        for endian in "<>"
        for header in (12, 14)
    }


def fit_scenarios() -> list[Scenario]:
    t = truth()
    columns = expected(t)
    half = expected(truth(N // 2))
    hole = t.heart_rate.copy()
    hole[5] = np.nan
    only = dict.fromkeys(("latitude", "longitude", "altitude", "cadence", "power", "temperature"))
    packed = expected(
        t, **only, speed=np.round(t.speed, 2), distance=np.floor(t.distance * 16) / 16
    )
    plain = plain_fit(t).bytes()
    return [
        Scenario("plain", "fit", plain, [columns]),
        Scenario("big-endian", "fit", plain_fit(t, endian=">").bytes(), [columns]),
        Scenario("header-12", "fit", plain_fit(t, header_size=12).bytes(), [columns]),
        Scenario("compressed-time", "fit", compressed_fit(t).bytes(), [columns]),
        Scenario("enhanced", "fit", enhanced_fit(t).bytes(), [columns]),
        Scenario("compressed-speed", "fit", packed_fit(t).bytes(), [packed]),
        Scenario("noise", "fit", noisy_fit(t).bytes(), [expected(t, heart_rate=hole)]),
        Scenario("gzipped", "fit", gzip.compress(plain), [columns]),
        Scenario("chained", "fit", plain + plain_fit(truth(N // 2)).bytes(), [columns, half]),
    ]


def developer_scenario() -> Scenario:
    t = truth()
    return Scenario("developer", "fit", developer_fit(t).bytes(), [expected(t)])


# --- GPX and TCX ---------------------------------------------------------------------------------


def iso(unix: float) -> str:
    return str(np.datetime64(round(unix * 1000), "ms")).removesuffix(".000") + "Z"


def gpx_points(t: Truth, extension: str, first: int, last: int) -> str:
    points = []
    for i in range(first, last):
        values = {
            "hr": round(t.heart_rate[i]),
            "cad": round(t.strides[i]),
            "atemp": round(t.temperature[i]),
            "power": round(t.power[i]),
            "speed": f"{t.speed[i]:.3f}",
            "distance": f"{t.distance[i]:.1f}",
        }
        points.append(
            f'<trkpt lat="{t.latitude[i]:.9f}" lon="{t.longitude[i]:.9f}">'
            f"<ele>{t.altitude[i]:.1f}</ele><time>{iso(t.time[i])}</time>"
            f"<extensions>{extension.format(**values)}</extensions></trkpt>\n"
        )
    return "".join(points)


GARMIN = (
    "<power>{power}</power><gpxtpx:TrackPointExtension><gpxtpx:atemp>{atemp}</gpxtpx:atemp>"
    "<gpxtpx:hr>{hr}</gpxtpx:hr><gpxtpx:cad>{cad}</gpxtpx:cad><gpxtpx:speed>{speed}</gpxtpx:speed>"
    "</gpxtpx:TrackPointExtension><distance>{distance}</distance>"
)
PLAIN = (
    "<heartrate>{hr}</heartrate><cadence>{cad}</cadence><temp>{atemp}</temp><watts>{power}</watts>"
    "<speed>{speed}</speed><distance>{distance}</distance>"
)


def gpx(*tracks: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    return (
        prolog + '<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1" '
        'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">\n'
        "<metadata><name>a file</name></metadata>\n"
        + "".join(
            f"<trk><name>6 x 800 &amp; strides</name><type>running</type>{track}</trk>\n"
            for track in tracks
        )
        + "</gpx>\n"
    )


def next_day(text: str) -> str:
    """Put the times of points off by a day."""
    return text.replace(iso(START)[:10], iso(START + 86400)[:10])


def gpx_scenarios() -> list[Scenario]:
    t = truth()
    columns = expected(t)
    garmin = f"<trkseg>{gpx_points(t, GARMIN, 0, N)}</trkseg>"
    plain = f"<trkseg>{gpx_points(t, PLAIN, 0, N)}</trkseg>"
    split = (
        f"<trkseg>{gpx_points(t, GARMIN, 0, 9)}</trkseg><trkseg/><!-- <trkpt> -->"
        f"<trkseg>{gpx_points(t, GARMIN, 9, N)}</trkseg>"
    )
    utf16 = gpx(garmin, prolog='<?xml version="1.0" encoding="UTF-16"?>\n').encode("utf-16")
    return [
        Scenario("garmin", "gpx", gpx(garmin).encode(), [columns]),
        Scenario("plain-names", "gpx", gpx(plain).encode(), [columns]),
        Scenario("segments", "gpx", gpx(split).encode(), [columns]),
        Scenario("tracks", "gpx", gpx(garmin, next_day(plain)).encode(), [columns, columns]),
        Scenario("utf-16", "gpx", utf16, [columns]),
        Scenario("utf-16-by-name", "gpx", utf16.decode("utf-16").encode(), [columns]),
        Scenario("bom", "gpx", b"\xef\xbb\xbf" + gpx(garmin).encode(), [columns]),
        Scenario("gzipped", "gpx", gzip.compress(gpx(garmin).encode()), [columns]),
    ]


def tcx_lap(t: Truth, first: int, last: int, prefix: str = "ns3:") -> str:
    points = "".join(
        f"<Trackpoint><Time>{iso(t.time[i])}</Time><Position>"
        f"<LatitudeDegrees>{t.latitude[i]:.9f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{t.longitude[i]:.9f}</LongitudeDegrees></Position>"
        f"<AltitudeMeters>{t.altitude[i]:.1f}</AltitudeMeters>"
        f"<DistanceMeters>{t.distance[i]:.1f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{t.heart_rate[i]:.0f}</Value></HeartRateBpm>"
        f"<Extensions><{prefix}TPX><{prefix}Speed>{t.speed[i]:.3f}</{prefix}Speed>"
        f"<{prefix}RunCadence>{t.strides[i]:.0f}</{prefix}RunCadence>"
        f"<{prefix}Watts>{t.power[i]:.0f}</{prefix}Watts></{prefix}TPX></Extensions></Trackpoint>\n"
        for i in range(first, last)
    )
    return (
        f'<Lap StartTime="{iso(t.time[first])}"><TotalTimeSeconds>{last - first}</TotalTimeSeconds>'
        f"<DistanceMeters>{3.5 * (last - first)}</DistanceMeters><Calories>9</Calories>"
        "<Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod>"
        f"<Track>{points}</Track></Lap>\n"
    )


def tcx(*activities: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    return (
        prolog + "<TrainingCenterDatabase "
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        'xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">\n<Activities>'
        + "".join(
            f'<Activity Sport="Running"><Id>{iso(START)}</Id>{laps}<Notes>fine</Notes><Creator>'
            "<Name>Forerunner305 (Unit ID 3815748186)</Name><UnitId>3815748186</UnitId></Creator>"
            "</Activity>"
            for laps in activities
        )
        + "</Activities></TrainingCenterDatabase>\n"
    )


def tcx_scenarios() -> list[Scenario]:
    t = truth()
    columns = expected(t, temperature=None)
    one = tcx_lap(t, 0, N)
    two = tcx_lap(t, 0, 9) + tcx_lap(t, 9, N)
    bare = tcx_lap(t, 0, N, prefix="")
    return [
        Scenario("plain", "tcx", tcx(one).encode(), [columns]),
        Scenario("laps", "tcx", tcx(two).encode(), [columns]),
        Scenario("no-prefix", "tcx", tcx(bare).encode(), [columns]),
        Scenario("leading-blanks", "tcx", b" " * 10 + tcx(one).encode(), [columns]),
        Scenario("activities", "tcx", tcx(one, next_day(two)).encode(), [columns, columns]),
        Scenario("gzipped", "tcx", gzip.compress(tcx(two).encode()), [columns]),
    ]


def scenarios() -> list[Scenario]:
    """Every built file that both readers must read alike."""
    return [*fit_scenarios(), *gpx_scenarios(), *tcx_scenarios()]
