"""Why the files that are read worst are, each seen in its plot; only the report reads this."""

TEMPO = "one block of tempo, no faster than the running around it"
DOWNHILL = "hills; the presses mark the way down, the effort shows on the climbs"

WHY: dict[str, str] = {
    "a10_008": "3 and 6 min by turns on uneven running; the longer ones hardly stand out",
    "a10_010": "3 and 6 min by turns; two are chosen, too little to claim planned work",
    "a10_011": TEMPO,
    "a10_013": TEMPO,
    "a20_002": "6 x 20 s with a minute between, after an hour of easy running: taken for strides",
    "a20_011": TEMPO,
    "a20_022": "the block found begins and ends minutes from the presses: no edge in the speed",
    "a30_009": DOWNHILL,
    "a30_010": DOWNHILL,
    "a30_011": "the presses mark parts of two blocks run at one speed; the blocks are found whole",
    "a30_013": DOWNHILL,
    "a30_031": "two efforts in uneven running; other stretches stand out more",
    "a34_013": "threshold reps from the first second to the last, on hills",
    "a34_016": "three long reps with breaks inside, between other running and long stops",
}
