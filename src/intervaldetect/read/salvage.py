"""What damaged deflate data gives before the damage: zlib itself gives nothing in such a call."""

from __future__ import annotations

import zlib
from typing import Any

_AT_ONCE = 4096


def inflate_before_damage(machine: Any, packed: bytes, room: int) -> bytes:
    """Unpack up to the byte at which ``machine`` cannot go on.

    Parameters
    ----------
    machine : zlib decompression object
        In the state before ``packed``; what it is in afterwards is not defined.
    packed : bytes
        Data that raised ``zlib.error``.
    room : int
        At most so many bytes are given.
    """
    found = bytearray()
    while len(found) < room:
        before = machine.copy()
        try:
            piece = machine.decompress(packed, _AT_ONCE)
        except zlib.error:
            machine = before
            break
        packed = machine.unconsumed_tail
        found += piece
        if not piece and not packed:
            return bytes(found[:room])
    try:
        for k in range(len(packed)):
            rest = packed[k : k + 1]
            while (piece := machine.decompress(rest, 1)) or machine.unconsumed_tail:
                found += piece
                if len(found) >= room:
                    return bytes(found[:room])
                rest = machine.unconsumed_tail
    except zlib.error:
        pass
    return bytes(found[:room])
