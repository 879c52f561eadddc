"""The words runners put around the numbers, by what they do to the reading."""

from __future__ import annotations

from intervaldetect.records import RecoveryStyle


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STYLES: dict[str, RecoveryStyle] = {
    "jog": "jog", "jogging": "jog", "jogged": "jog", "jogs": "jog", "easy": "jog", "trot": "jog",
    "walk": "walk", "walking": "walk", "walked": "walk",
    "stand": "stand", "standing": "stand", "static": "stand", "still": "stand",
    "float": "float", "floating": "float", "floats": "float",
    "paused": "paused",
}  # fmt: skip

# A quantity behind or before one of these is a recovery.
LEADS = _words(
    "with w r rec recs recovery recoveries recover rest rests off p pause tp tr récup recup "
    "récupération pausa pauze between"
)
BLOCK_LEADS = _words("sr sp")
SETS_WORDS = _words("set sets series séries serie blocks block bloc blocs")
MORE = frozenset({"more"})
TRAILING = _words(
    "between each every rep reps run runs effort efforts interval intervals the down back in of "
    "recovery rest off after and"
)
FILLER = _words(
    "of on hill hills uphill hard tempo threshold steady fast quick reps rep repeats repeat "
    "intervals interval times run runs running continuous track road grass treadmill strides "
    "stride each the all out done then fartlek cruise progression"
)
SEPARATORS = _words("then plus followed")
WARMING = _words(
    "wu w-u wup warm warm-up warmup warming cd c-d cool cool-down cooldown cooling down up"
)
EFFORT = _words(
    "sub super lt lt1 lt2 lthr at aet vt vt1 vt2 t i e m threshold thresh thr tempo easy hard "
    "moderate steady mp hmp gmp marathon half hm race pace paces effort efforts max vo2 vo2max "
    "cv cs ftp goal current slow slower slowest fast faster fastest or than and zone z z1 z2 z3 "
    "z4 z5 z6 z7 i1 i2 i3 i4 i5 i6 rpe hr bpm all out controlled relaxed about around ca circa "
    "uphill hill hills % of to intensity feel by mile k km float the a threshold-pace norwegian "
    "lactate mmol speed just below above under over"
)
PER = frozenset({"per", "pr"})


def known_effort(word: str) -> bool:
    """Tell whether a word, or each part of a hyphenated one, speaks of effort."""
    return all(part in EFFORT for part in word.split("-"))
