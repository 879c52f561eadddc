"""The error tree: everything the package raises on purpose.

::

    IntervalDetectError
    ├── ReadError(path, stage, reason, offset | line)   one file could not be read
    │   ├── UnknownFormat      the bytes are not FIT, GPX or TCX
    │   ├── CorruptFile        the format is known, the bytes do not follow it
    │   ├── NoRecords          well-formed, but without one timed sample
    │   │   └── NotAnActivity  a course, settings, monitoring: nothing that was recorded is lost
    │   └── LimitExceeded      a limit on size, ratio, depth or count was met
    ├── MissingChannel(channel, reason)                 a stage needs a channel that is absent
    ├── TooShort(reason)                                too few samples for a stage
    ├── ParameterError(name, value, allowed)            an argument outside its range
    ├── NotationError(text, position, reason)           a workout text that cannot be read
    └── StoreError(path, reason)                        a store cannot be opened, read or written
"""

from __future__ import annotations


class IntervalDetectError(Exception):
    """Root of all errors of this package."""


class ReadError(IntervalDetectError):
    """One file could not be read.

    Parameters
    ----------
    path : str
        The file, as the user named it (``archive.zip!/member`` for a member).
    stage : str
        What was being done: ``open``, ``unpack``, ``sniff``, ``decode`` or ``build``.
    reason : str
        What is wrong, in words.
    offset : int or None
        Byte offset in the unpacked bytes where it went wrong.
    line : int or None
        Line number, for text formats.
    """

    def __init__(
        self,
        path: str,
        stage: str,
        reason: str,
        *,
        offset: int | None = None,
        line: int | None = None,
    ) -> None:
        self.path = path
        self.stage = stage
        self.reason = reason
        self.offset = offset
        self.line = line
        where = f", byte {offset}" if offset is not None else f", line {line}" if line else ""
        super().__init__(f"{path}: {reason} ({stage}{where})")

    def __reduce__(self) -> tuple[object, ...]:
        # Exception pickles by its args, which are the message; workers send errors to the parent.
        return (_rebuild, (type(self), self.path, self.stage, self.reason, self.offset, self.line))


def _rebuild(
    cls: type[ReadError], path: str, stage: str, reason: str, offset: int | None, line: int | None
) -> ReadError:
    return cls(path, stage, reason, offset=offset, line=line)


class UnknownFormat(ReadError):
    """The bytes are not FIT, GPX or TCX."""


class CorruptFile(ReadError):
    """The format is known, but the bytes do not follow it and nothing could be recovered."""


class NoRecords(ReadError):
    """The file is well-formed but holds no timed sample of any activity."""


class NotAnActivity(NoRecords):
    """The file is well-formed and something else: a course, settings, monitoring, a workout."""


class LimitExceeded(ReadError):
    """A limit on bytes, ratio, entries, depth or token length was met."""


class MissingChannel(IntervalDetectError):
    """A stage needs a channel that the activity does not have."""

    def __init__(self, channel: str, reason: str) -> None:
        self.channel = channel
        self.reason = reason
        super().__init__(f"no usable {channel}: {reason}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.channel, self.reason))


class TooShort(IntervalDetectError):
    """Too few samples for a stage."""


class ParameterError(IntervalDetectError, ValueError):
    """An argument lies outside what is allowed."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        self.name = name
        self.value = value
        self.allowed = allowed
        super().__init__(f"{name} cannot be {value!r}; it must be {allowed}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.name, self.value, self.allowed))


class NotationError(IntervalDetectError, ValueError):
    """A workout text cannot be read.

    Parameters
    ----------
    text : str
        The whole text.
    position : int
        Index into ``text`` of the first character that does not fit.
    reason : str
        What was expected there, in words.
    """

    def __init__(self, text: str, position: int, reason: str) -> None:
        self.text = text
        self.position = position
        self.reason = reason
        line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        where = f"line {line}, character {column}" if "\n" in text else f"character {column}"
        super().__init__(f"{text!r}: {reason} ({where})")

    def pointer(self) -> str:
        """Return the offending line with a caret below the character, for a terminal."""
        start = self.text.rfind("\n", 0, self.position) + 1
        stop = self.text.find("\n", self.position)
        line = self.text[start : stop if stop >= 0 else len(self.text)]
        return f"{line}\n{' ' * (self.position - start)}^"

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.text, self.position, self.reason))


class StoreError(IntervalDetectError):
    """A store cannot be opened, read or written."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.path, self.reason))
