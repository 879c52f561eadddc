"""Texts of ``docs/accuracy.md`` that stand around its tables."""

HEAD = """# Accuracy of detection

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.detection FOLDER --write
    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.detection_report FOLDER --write
    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.ablation FOLDER --write
    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.claims FOLDER --write
    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.spliced FOLDER --write

The first trains and fits, the others write this page. Truth is the reps that athletes marked with
the lap button or by workout steps; laps are hidden from the detector unless said otherwise.
*Athletes left out* are the figures that count: every run is read with nets and a judge that saw no
run of its athlete. `run` and `run2` are labelled by eye as well, `run3` by strict rules from steps
and laps; its plain runs are smooth by selection (*weak*), so that false workouts among them
flatter. *Free of habit* are edges after each athlete's own median shift is taken out: athletes
press, and watches beep, steadily early or late. Labels have [a page of their
own](accuracy-labels.md), and so have [simulated sessions](accuracy-simulated.md).
"""

PROTOCOL = """## With a known threshold

A run that is in doubt is decided again once the athlete's threshold is known from other runs
(`label/claims.py`): efforts near threshold speed are work, efforts well below are not. Every
run within its athlete's history up to its own day, the one weight fitted without its fold.

{claims}

## Plain runs made harder

Easy and long runs of `run` and `run2` without planned work, with five stops of 20 to 90 s, five
strides at the end, or hills of 2 to 4 % spliced in (`benchmarks/accuracy/spliced.py`), each three
times, by nets and judge that saw nobody of the fold. A workout claimed is an error.

{spliced}

## What each part is worth

Every part switched off, by athletes left out, with the judge fitted anew; the nets are not trained
again. Here readings are judged and edges placed, without the words around them.

{ablation}

## How it was fitted, and what was not

Five fixed folds of athletes (`benchmarks/accuracy/folds.json`) over `run`, `run2` and `run3`. For
each fold two nets are trained without it; all runs are described by the nets of their own fold, and
a judge is fitted on the other four folds and on 300 simulated runs, which count as one athlete.
What ships is trained and fitted on all.

**This is not nested.** The judge of a fold is fitted on runs described by nets that had seen the
fold's athletes; and the shape of the net, how it is trained, the generators, the features of the
judge and its sharpness and ridge were chosen while looking at the same left-out figures. Athletes
that nobody has looked at are the test. No fold fitted these constants of `structure/` again:

{constants}

What was tried and did not pay, by athletes left out:

| tried | before | after |
|---|---|---|
| edges moved by least absolute deviations on crossings and net | 1.20 / 4.81 s | 1.21 / 4.99 s |
| the same by boosted trees | 1.20 / 4.81 s | 1.23 / 4.87 s |
| a finer cut, and a grade-adjusted cut, as further generators |  | no gain |
| the stretches of the change-point cut as a generator | .963 / .944 / .851 | .961 / .940 / .850 |
| chances smoothed over 20 s as a generator | .967 / .945 / .851 | .965 / .944 / .849 |
| 17 more features for the judge (floats, ...) | .968 / .947 / .852 | .961 / .940 / .850 |
| the longest faster block as a generator | .966 / .948 / .875 | .965 / .946 / .874 |
| how near sizes are to round ones as a feature | .966 / .948 / .876 | .966 / .945 / .870 |
| heart rate, and the least sure rep, as features | .967 / .949 / .876 | .967 / .949 / .877 |
| second net asked only from .03 to .97 of the first | .966 / .947 / .876 | .962 / .942 / .868 |
| one net that learned what both say on average | .967 / .949 / .876 | .968 / .944 / .868 |
| longer tempos, reps uphill among the plans (one net) | .965 / .941 / .862 | .962 / .934 / .858 |
| three nets averaged in place of two (four folds) | .967 / .949 / .876 | .962 / .940 / .866 |
| the same with another third net, edges as proposed | .969 / .950 / .856 | .967 / .943 / .855 |
| squares of the features for the judge | .966 / .948 / .875 | .964 / .947 / .873 |
| the same and all products of two | .966 / .948 / .875 | .962 / .939 / .868 |
| boosted trees as the judge (three folds) | .951 / .916 / .789 | .944 / .916 / .783 |

Edges are free of habit, median and p90; the judge's figures are F1 at IoU .5 / .75 / .9.
Heart rate has its part in the net; beside that it told the judge nothing more.
"""

LIMITS = """## What limits it

- **Tempo runs without easy running on both sides** look like the steady runs of other athletes:
  only the athlete's threshold tells them apart, and a file alone does not hold it.
- **Edges.** Athletes press before or after they start, each rather steadily. Where neither reps nor
  recoveries are of round size nothing shows by how much. [Simulated](accuracy-simulated.md) edges,
  whose truth is known, have no such habit.
- **Hills.** Some presses mark the way down, where the effort shows on the climbs.
- **Strides or reps.** Four to six short efforts after easy running are strides; longer series of
  them are not always told apart from reps.
- **Laps** with `--laps auto` are believed where they alternate fast and slow.
- Two fifths of the reps are of two athletes: the macro figures weigh athletes alike.
"""
