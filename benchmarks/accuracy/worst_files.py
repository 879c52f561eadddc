"""Why the files that are read worst are, each seen in its plot; only the report reads this."""

DOWNHILL = "hills; the presses mark the way down, the effort shows on the climbs"

WHY: dict[str, str] = {
    "a10_008": "3 and 6 min by turns on uneven running; the longer ones hardly stand out",
    "a10_010": "3 and 6 min by turns; the last is found to its end, two minutes after the press",
    "a20_002": "6 x 20 s with a minute between, after an hour of easy running: taken for strides",
    "a20_022": "the block found begins and ends minutes from the presses: no edge in the speed",
    "a30_009": DOWNHILL,
    "a30_010": DOWNHILL,
    "a30_011": "the presses mark parts of two blocks run at one speed; the blocks are found whole",
    "a30_013": DOWNHILL,
    "a30_031": "two efforts in uneven running; other stretches stand out more",
    "a10_012": "3 x 12 min, the first with a start minutes before the press",
    "a30_017": "four 30 s in the warm-up, which no set explains, before 6 x 800 m found whole",
    "a34_034": "reps of 12 to 14 s beside longer ones",
    "a10_009": "3 x 10 min on uneven running, the second with a slow start and two breaks",
    "a30_028": "2 x 15 min; after the second the run went on hardly slower",
    "a34_035": "a rep from the first second, and three short ones of a pyramid",
    "a34_013": "threshold reps from the first second to the last, on hills",
    "a34_016": "three long reps with breaks inside, between other running and long stops",
}
