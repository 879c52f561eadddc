"""The sessions that a running server knows: analysed once, corrected as often as one likes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from intervaldetect.batch.one_file import analyses
from intervaldetect.corrections.parse import Corrections, parse_corrections
from intervaldetect.corrections.template import corrections_text
from intervaldetect.errors import IntervalDetectError, LimitExceeded
from intervaldetect.job import Settings, Task
from intervaldetect.pipeline import describe
from intervaldetect.read.archive import Source
from intervaldetect.records import Analysis, Thresholds
from intervaldetect.serve.edits import Draft, Drafts, draft_of
from intervaldetect.serve.recordings import MEMORY_BYTES, Held

ANALYSES = 24
"""So many analysed sessions stay at hand; others are read again when they are opened."""


class NoSessionError(IntervalDetectError):
    """There is no such session, or its recording is gone; a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a session comes from.

    ``said`` is what was corrected before the server saw it. ``beside`` is the file of corrections
    beside the recording, None where there can be none.
    """

    key: str
    source: Source
    part: int
    athlete: str
    said: Corrections | None = None
    known: Thresholds | None = None
    beside: Path | None = None


@dataclass(slots=True)
class Opened:
    """A session while it is looked at: as the detector has it, and the drafts of a person.

    ``raw`` is not judged yet, ``found`` is what is said of it without corrections.
    """

    recording: Recording
    raw: Analysis
    found: Analysis
    drafts: Drafts

    @property
    def title(self) -> str:
        """The file of corrections that is written, without its folder."""
        return f"{Path(self.recording.source.path).name}.intervals.toml"

    def corrected(self) -> Analysis:
        """Return the session with the draft applied, as the file that is saved would do."""
        recording, draft = self.recording, self.drafts.now
        if recording.said is None and draft == draft_of(None, edges_of(self.found)):
            return self.found
        said = parse_corrections(self._text(draft, None), self.title)
        return described(self.raw, recording, said)

    def text(self) -> str:
        """Return the file of corrections for the present draft."""
        return self._text(self.drafts.now, self.corrected())

    def metres(self) -> dict[int, float | None]:
        """Return the length of each rep of the draft, for the comments beside its times."""
        reps = [s for s in self.corrected().workout.segments if s.role == "rep"]
        return {n: segment.distance_m for n, segment in enumerate(reps, 1)}

    def usual_label(self) -> str:
        """Return the label that the comment in a file of corrections shows."""
        return self.found.label.label or "threshold"

    def _text(self, draft: Draft, measured: Analysis | None) -> str:
        activity = self.found.activity
        said = draft.corrections(activity.sha256, activity.part)
        written = draft.written(self.metres() if measured else None)
        return corrections_text(said, written, usual_label=self.usual_label())


def described(found: Analysis, recording: Recording, said: Corrections | None) -> Analysis:
    """Say what a session is whose reps are detected, with what a person says of it."""
    made = describe(
        found.activity,
        found.signal,
        found.workout,
        athlete=recording.athlete,
        corrections=said,
        known=recording.known,
    )
    return replace(made, time_in_zones=found.time_in_zones)


class Shelf:
    """What was dropped, in memory, and what is open; used by one thread at a time.

    Parameters
    ----------
    settings : Settings
    athlete : str
    find : callable, optional
        Gives the recording of a key that was not dropped: a store's.
    """

    def __init__(
        self,
        settings: Settings,
        athlete: str,
        find: Callable[[str], Recording] | None = None,
    ) -> None:
        self.settings = settings
        self.athlete = athlete
        self.find = find
        self.held: dict[str, Recording] = {}
        self._drafts: dict[str, Drafts] = {}
        self._found: OrderedDict[str, Analysis] = OrderedDict()

    def take(
        self, source: Held, said_of: Callable[[str], Corrections | None]
    ) -> list[Opened | str]:
        """Analyse a recording and keep it in memory; a sentence for each part that is refused.

        Parameters
        ----------
        source : Held
        said_of : callable
            Gives the corrections for a hash.
        """
        held = {id(each.source): each.source for each in self.held.values()}
        size = sum(len(each.data) for each in held.values() if isinstance(each, Held))
        if size + len(source.data) > MEMORY_BYTES:
            reason = (
                f"more than {MEMORY_BYTES >> 20} MiB without a store; "
                "intervaldetect serve STORE keeps more"
            )
            return [str(LimitExceeded(source.path, "open", reason))]
        taken: list[Opened | str] = []
        for each in analyses(Task(source, self.athlete), self.settings, judge=False, correct=False):
            if isinstance(each, str):
                taken.append(f"{source.path}: {each}")
                continue
            activity = each.activity
            key = f"{activity.sha256[:16]}-{activity.part}"
            said = said_of(activity.sha256)
            recording = Recording(
                key, source, activity.part, self.athlete,
                said if said is not None and said.part == activity.part else None,
            )  # fmt: skip
            self.held[key] = recording
            if recording.said is not None:
                self._drafts.pop(key, None)
            taken.append(self._opened(recording, each))
        return taken

    def open(self, key: str) -> Opened:
        """Return a session, analysed again if it is not at hand.

        Raises
        ------
        NoSessionError, ReadError
            It is not known, or its recording cannot be read; a sentence that names it.
        """
        recording = self.held.get(key)
        if recording is None and self.find is not None:
            recording = self.find(key)
        if recording is None:
            raise NoSessionError("There is no such session: the server has been started anew.")
        if key in self._found:
            return self._opened(recording, None)
        task = Task(recording.source, recording.athlete)
        refused = []
        for each in analyses(task, self.settings, judge=False, correct=False):
            if isinstance(each, str):
                refused.append(f"{recording.source.path}: {each}")
            elif each.activity.part == recording.part:
                return self._opened(recording, each)
        raise NoSessionError(
            refused[0] if refused else f"{recording.source.path}: has no such part."
        )

    def saved(self, key: str) -> None:
        """Note that the present draft of a session is written down."""
        drafts = self._drafts[key]
        drafts.saved = drafts.now

    def changed(self, key: str) -> bool:
        """Whether a session has edits that are not written down."""
        return key in self._drafts and self._drafts[key].now != self._drafts[key].saved

    def _opened(self, recording: Recording, raw: Analysis | None) -> Opened:
        key = recording.key
        if raw is not None:
            self._found[key] = raw
            while len(self._found) > ANALYSES:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        raw = self._found[key]
        found = described(raw, recording, None)
        draft = draft_of(recording.said, edges_of(found))
        drafts = self._drafts.get(key)
        # Where nothing waits to be saved, what stands in the file counts: it may be a newer one.
        if drafts is None or (drafts.now == drafts.saved != draft):
            drafts = self._drafts[key] = Drafts(draft, draft, float(found.signal.time_s[-1]))
        return Opened(recording, raw, found, drafts)


def edges_of(analysis: Analysis) -> list[tuple[float, float]]:
    """Return start and end of every rep, in elapsed seconds."""
    return [(s.start_s, s.end_s) for s in analysis.workout.segments if s.role == "rep"]
