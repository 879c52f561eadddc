"""Damage to watch files: what disks, networks, converters and mischief make of them.

Every function takes the bytes, a generator of random numbers and the seed they came from, and
changes the bytes in place. `damaged` draws one to four kinds; the same numbers give the same bytes.
"""

# ruff: noqa: ARG001 - all take the same three, so that they can be drawn

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Sequence

from benchmarks.robustness.seeds import Seed

Damage = Callable[[bytearray, random.Random, Seed], None]


def stretch(data: bytearray, rng: random.Random, most: int = 64) -> tuple[int, int]:
    first = rng.randrange(len(data) + 1)
    return first, min(len(data), first + rng.randint(1, most))


# --- any bytes ---------------------------------------------------------------------------------


def flip_bit(data: bytearray, rng: random.Random, seed: Seed) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def set_bytes(data: bytearray, rng: random.Random, seed: Seed) -> None:
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)


def nudge(data: bytearray, rng: random.Random, seed: Seed) -> None:
    if data:
        at = rng.randrange(len(data))
        data[at] = data[at] + rng.choice((-1, 1)) & 0xFF


def overwrite(data: bytearray, rng: random.Random, seed: Seed) -> None:
    first, last = stretch(data, rng, rng.choice((4, 64, 4096)))
    fill = rng.choice((b"\x00", b"\xff", b" ", None))
    data[first:last] = rng.randbytes(last - first) if fill is None else fill * (last - first)


def delete(data: bytearray, rng: random.Random, seed: Seed) -> None:
    first, last = stretch(data, rng, rng.choice((1, 8, 512)))
    del data[first:last]


def insert(data: bytearray, rng: random.Random, seed: Seed) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 7, 100)))


def repeat(data: bytearray, rng: random.Random, seed: Seed) -> None:
    first, last = stretch(data, rng, rng.choice((8, 64, 2048)))
    data[last:last] = data[first:last] * rng.choice((1, 1, 2, 5))


def swap(data: bytearray, rng: random.Random, seed: Seed) -> None:
    places = sorted(rng.randrange(len(data) + 1) for _ in range(3))
    first, middle, last = places
    data[first:last] = data[middle:last] + data[first:middle]


def copy_over(data: bytearray, rng: random.Random, seed: Seed) -> None:
    first, last = stretch(data, rng, 200)
    at = rng.randrange(len(data) + 1)
    data[at : at + last - first] = data[first:last]


def cut_end(data: bytearray, rng: random.Random, seed: Seed) -> None:
    del data[rng.randrange(len(data) + 1) :]


def cut_start(data: bytearray, rng: random.Random, seed: Seed) -> None:
    del data[: rng.choice((1, 2, 12, 14, rng.randrange(len(data) + 1)))]


def pad(data: bytearray, rng: random.Random, seed: Seed) -> None:
    data += rng.choice((bytes(rng.randint(1, 4096)), rng.randbytes(rng.randint(1, 300)), b"\r\n"))


def lead(data: bytearray, rng: random.Random, seed: Seed) -> None:
    data[:0] = rng.choice((b" " * 10, b"\xef\xbb\xbf", b"\n", bytes(14), rng.randbytes(12)))


def extreme(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Write the numbers that code forgets: 0, -1, the largest, the smallest."""
    width = rng.choice((1, 2, 4, 8))
    value = rng.choice((0, 1, -1, (1 << 8 * width - 1) - 1, -(1 << 8 * width - 1)))
    at = rng.randrange(len(data) + 1)
    order = rng.choice(("little", "big"))
    data[at : at + width] = value.to_bytes(width, order, signed=True)


def reverse(data: bytearray, rng: random.Random, seed: Seed) -> None:
    first, last = stretch(data, rng, rng.choice((2, 4, 64)))
    data[first:last] = data[first:last][::-1]


def lose_high_bits(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Do what a transfer as text does."""
    mode = rng.randrange(3)
    if mode == 0:
        data[:] = bytes(byte & 0x7F for byte in data)
    elif mode == 1:
        data[:] = data.replace(b"\n", b"\r\n")
    else:
        data[:] = data.decode("utf-8", "replace").encode()


# --- FIT ---------------------------------------------------------------------------------------


def fit_header(data: bytearray, rng: random.Random, seed: Seed) -> None:
    at, width = rng.choice(((0, 1), (1, 1), (2, 2), (4, 4), (8, 4), (12, 2)))
    kinds = (bytes(width), b"\xff" * width, rng.randbytes(width))
    data[at : at + width] = rng.choice(kinds)


def fit_size(data: bytearray, rng: random.Random, seed: Seed) -> None:
    change = rng.choice((-1, 1, -2, 2, -100, 100, 1 << 20, -len(data)))
    size = int.from_bytes(data[4:8], "little") + change
    data[4:8] = (size & 0xFFFFFFFF).to_bytes(4, "little")


def fit_definition(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Change the frame of a definition: flags, byte order, global number, count of fields."""
    at = rng.choice(seed.definitions) + rng.choice((0, 1, 2, 3, 4, 5))
    if at < len(data):
        data[at] = rng.choice((0, 1, 20, 21, 206, 255, data[at] ^ 0x20, rng.randrange(256)))


def fit_field(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Change number, size or base type of a field of a definition."""
    at = rng.choice(seed.definitions)
    if at + 6 > len(data) or not data[at + 5]:
        return
    at += 6 + 3 * rng.randrange(data[at + 5]) + rng.randrange(3)
    if at < len(data):
        data[at] = rng.choice((0, 1, 2, 3, 7, 8, 0x88, 0x89, 0x8E, 253, 255, rng.randrange(256)))


def fit_local(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Change the header of a message: other local number, compressed time, reserved bits."""
    at = rng.choice(seed.messages + seed.definitions)
    if at < len(data):
        data[at] ^= rng.choice((1, 2, 3, 0x10, 0x20, 0x40, 0x80, 0x9F))


def fit_times(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Set a clock: a step back, power-on time, 68 million seconds, none."""
    for _ in range(rng.choice((1, 3, 30))):
        at = rng.choice(seed.messages) + 1
        stamp = rng.choice((0, 5, 0x0FFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF, rng.randrange(1 << 32)))
        data[at : at + 4] = stamp.to_bytes(4, "little")


def fit_lose_message(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Leave out a message, or put one where it does not belong."""
    places = sorted(seed.messages + seed.definitions)
    i = rng.randrange(len(places) - 1)
    piece = data[places[i] : places[i + 1]]
    if rng.random() < 0.5:
        del data[places[i] : places[i + 1]]
    else:
        at = rng.choice(places)
        data[at:at] = piece


def fit_arrays(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Let a definition call its fields arrays, bytes or strings of the same size."""
    at = rng.choice(seed.definitions)
    for i in range(data[at + 5] if at + 6 <= len(data) else 0):
        if at + 9 + 3 * i <= len(data) and rng.random() < 0.4:
            data[at + 8 + 3 * i] = rng.choice((0, 1, 2, 7, 10, 13, 0x84, 0x86, 0x88, 0x8F))


def seal(data: bytearray) -> None:
    """Make size and checksum right, so that the damage looks meant."""
    if len(data) > 16:
        data[4:8] = (len(data) - data[0] - 2 & 0xFFFFFFFF).to_bytes(4, "little")
        crc = 0
        for byte in memoryview(data)[:-2]:
            crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xFF]
        data[-2:] = crc.to_bytes(2, "little")


def crc_table() -> list[int]:
    table = list(range(256))
    for _ in range(8):
        table = [value >> 1 ^ (0xA001 if value & 1 else 0) for value in table]
    return table


CRC = crc_table()


# --- XML ---------------------------------------------------------------------------------------

TAG = re.compile(rb"<[^<>]*>")
TEXT = re.compile(rb">([^<>]+)<|=\"([^\"]*)\"")
NUMBERS = (
    b"nan", b"inf", b"-inf", b"1e400", b"1e-400", b"-0", b"", b" ", b"12,5", b"0x1f", b"1_0", b".",
    b"-", b"+5", b"9" * 400, b"1" + b"0" * 30, b"5.", b".5", b"1e5", b"12 13", b"\xd9\xa3", b"1;2",
)  # fmt: skip
TIMES = (
    b"2025-02-30T00:00:00Z", b"2025-09-02T25:00:00Z", b"2025-09-02", b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:60Z", b"2025-09-02T05:30:00+99:99", b"2025-09-02T05:30:00.123456789012Z",
    b"1969-12-31T23:59:59Z", b"20250902T053000Z", b"2025-09-02 05:30:00", b"not a time",
)  # fmt: skip
FOREIGN = (
    b"&amp;", b"&#x0;", b"&#65;", b"&#xD800;", b"&bomb;", b"&", b"<", b">", b"]]>", b"<!-- -->",
    b"<!--", b"<![CDATA[", b"<![CDATA[ <trkpt> ]]>", b"<?x ?>", b"<?", b"</>", b"<a/>", b"<a b>",
    b"\x00", b"\x0b", b"\xff", b"\xc3", b"\xef\xbf\xbf", b"'", b'"', b"</trkpt>", b"</Trackpoint>",
    b"<trkpt>", b"<Track>", b"<time/>", b"<x:y xmlns:x='u'>", b"<HeartRateBpm>", b"</trkseg>",
)  # fmt: skip
DECLARATIONS = (
    b"<!DOCTYPE gpx>", b'<!DOCTYPE x SYSTEM "file:///etc/hostname">',
    b'<!DOCTYPE x [<!ENTITY bomb "aaaaaaaaaa">]>', b'<?xml version="1.1"?>',
    b'<?xml version="1.0" encoding="UTF-16"?>', b'<?xml version="1.0" encoding="latin-1"?>',
    b'<?xml version="1.0" encoding="nonsense"?>', b'<?xml version="1.0" encoding=""?>',
)  # fmt: skip


def xml_text(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Replace values: numbers that are none, times that are none."""
    found = list(TEXT.finditer(data))
    for _ in range(rng.choice((1, 1, 3)) if found else 0):
        match = rng.choice(found)
        group = 1 if match.group(1) is not None else 2
        value = rng.choice(NUMBERS if rng.random() < 0.6 else TIMES)
        data[match.start(group) : match.end(group)] = value
        found = list(TEXT.finditer(data))
        if not found:
            return


def xml_tag(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Lose, double, move or break a tag."""
    found = list(TAG.finditer(data))
    if not found:
        return
    match, other = rng.choice(found), rng.choice(found)
    first, last = match.span()
    how = rng.randrange(6)
    if how == 0:
        del data[first:last]
    elif how == 1:
        data[last:last] = match.group()
    elif how == 2:
        data[first:last] = other.group()
    elif how == 3:
        del data[last - 1]
    elif how == 4:
        data[last - 1 : last] = b"/>"
    else:
        data[first + 1 : first + 1] = rng.choice((b"x:", b"/", b" ", b":", b"9", b"\xc3\xa9"))


def xml_foreign(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Insert markup: entities, comments, sections, bytes that XML forbids."""
    places = [match.end() for match in TAG.finditer(data)] if rng.random() < 0.7 else []
    at = rng.choice(places) if places else rng.randrange(len(data) + 1)
    data[at:at] = rng.choice(FOREIGN)


def xml_declaration(data: bytearray, rng: random.Random, seed: Seed) -> None:
    if data[:5] == b"<?xml" and rng.random() < 0.7:
        del data[: data.find(b"?>") + 2]
    data[:0] = rng.choice(DECLARATIONS)


def xml_nesting(data: bytearray, rng: random.Random, seed: Seed) -> None:
    count = rng.choice((10, 300, 3000))
    places = [match.end() for match in TAG.finditer(data)] or [0]
    at = rng.choice(places)
    close = b"</a>" * count if rng.random() < 0.7 else b""
    data[at:at] = b"<a>" * count + close


def xml_long(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Insert a very long name, attribute, text or comment."""
    filling = rng.choice((b"a", b"1", b" ", b"&amp;")) * rng.choice((300, 5000))
    kinds = (b"<%s/>", b'<a b="%s"/>', b"%s", b"<!--%s-->", b"<![CDATA[%s]]>", b"<a %s='1'/>")
    at = rng.choice([match.end() for match in TAG.finditer(data)] or [0])
    data[at:at] = rng.choice(kinds) % filling


def xml_shuffle(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Move points and laps: out of their track, into one another, behind the end."""
    tags = [match.start() for match in TAG.finditer(data)] or [0]
    first, last = sorted((rng.choice(tags), rng.choice(tags)))
    piece = data[first:last]
    del data[first:last]
    at = rng.choice(tags)
    data[at:at] = piece


def xml_names(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Change a name or a prefix throughout."""
    old = rng.choice((b"trkpt", b"Trackpoint", b"time", b"Time", b"ns3:", b"gpxtpx:", b"xmlns"))
    new = rng.choice((b"x", old.upper(), b"ns9:", b"a:b:", b"", old + old))
    data[:] = data.replace(old, new)


def xml_transcode(data: bytearray, rng: random.Random, seed: Seed) -> None:
    text = data.decode("latin-1").replace("UTF-8", rng.choice(("UTF-16", "UTF-8")))
    data[:] = text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7")))
    if rng.random() < 0.3:
        del data[rng.randrange(len(data) + 1) :]


# --- gzip --------------------------------------------------------------------------------------


def packed(data: bytearray, rng: random.Random, seed: Seed) -> None:
    """Pack, whole or in several members, and leave it at that or damage it."""
    middle = rng.choice((0, len(data) // 2, len(data)))
    members = [data[:middle], data[middle:]] if 0 < middle < len(data) else [data]
    level = rng.choice((0, 1, 9))
    data[:] = b"".join(gzip.compress(member, level, mtime=0) for member in members)
    if rng.random() < 0.6:
        kinds = (flip_bit, set_bytes, overwrite, delete, cut_end, pad, insert, repeat, extreme)
        rng.choice(kinds)(data, rng, seed)
    elif rng.random() < 0.2:
        data[:] = gzip.compress(data, mtime=0)
    elif rng.random() < 0.3:  # header fields: extra, name, comment, checksum, reserved bits
        data[3] = rng.randrange(256)


ANY: tuple[Damage, ...] = (
    flip_bit, set_bytes, nudge, overwrite, delete, insert, repeat, swap, copy_over, cut_end,
    cut_start, pad, lead, extreme, reverse, lose_high_bits,
)  # fmt: skip
FIT: tuple[Damage, ...] = (
    fit_header, fit_size, fit_definition, fit_field, fit_local, fit_times, fit_lose_message,
    fit_arrays,
)  # fmt: skip
XML: tuple[Damage, ...] = (
    xml_text, xml_tag, xml_foreign, xml_declaration, xml_nesting, xml_long, xml_shuffle, xml_names,
    xml_transcode,
)  # fmt: skip


def join(data: bytearray, rng: random.Random, other: Seed) -> None:
    """Put two files together: one behind the other, or the head of one on the tail of another."""
    if rng.random() < 0.5:
        data += other.data
    else:
        del data[rng.randrange(len(data) + 1) :]
        data += other.data[rng.randrange(len(other.data)) :]


def damaged(number: int, index: int, seeds: Sequence[Seed]) -> tuple[bytes, str]:
    """Make input ``index`` of fuzz ``number``; returns it and what was done to which seed."""
    rng = random.Random(f"{number}/{index}")
    form = rng.choice(("fit", "fit", "gpx", "tcx"))
    seed = rng.choice([seed for seed in seeds if seed.format == form])
    data = bytearray(seed.data)
    kinds = FIT if form == "fit" else XML
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        damage = rng.choice(kinds if rng.random() < 0.6 else ANY)
        damage(data, rng, seed)
        done.append(damage.__name__)
    if rng.random() < 0.06:
        join(data, rng, rng.choice(seeds))
        done.append("join")
    if form == "fit" and rng.random() < 0.4:
        seal(data)
        done.append("seal")
    if rng.random() < 0.12:
        packed(data, rng, seed)
        done.append("packed")
    return bytes(data), f"{seed.name}: {', '.join(done)}"
