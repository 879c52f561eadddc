"""Text to sets: a recursive descent over the printed shorthand and the forms of the wild."""

from __future__ import annotations

from dataclasses import replace

from intervaldetect.errors import NotationError
from intervaldetect.notation import words
from intervaldetect.notation.build import Draft, Quantity, Recovery, build
from intervaldetect.notation.cursor import Cursor
from intervaldetect.notation.lexer import Token, TokenKind
from intervaldetect.notation.pace import read_pace, read_quantity, read_span
from intervaldetect.records import RecoveryStyle, WorkoutSet

_MAX_LENGTH = 2000
_MAX_DEPTH = 4
_MAX_COUNT = 500
_MAX_TRAILING = 99  # 10-12 x 400 is a range of counts, 30-30 x 10 is not


def parse_workout(text: str) -> tuple[WorkoutSet, ...]:
    """Read a workout as runners write it.

    Parameters
    ----------
    text : str
        The printed shorthand, or a form from a training log: ``6x800m @ 2:10 (3:00)``,
        ``4 x 6 min @ sub LT (1 min)``, ``3x(2000,150),2000``, ``2x(10x1') R1' SR4'``,
        ``45/15 x 20``, ``400-800-1200-800-400 w/ 90 s``. A bare size of 50 or more means metres.
        A warm-up or cool-down named as such is left out. ``+ 2 more sets`` at the end says that the
        text names no more than the sets before it, and only these are returned; ``+ 5 more`` in a
        ladder counts reps whose sizes are left out, so that ``count`` is more than its sizes.

    Returns
    -------
    tuple of WorkoutSet
        In order. Only what the text says is filled in: the speed is None for an effort in words
        (``@ sub LT``), the recovery None where none is written.

    Raises
    ------
    NotationError
        The text is no workout; ``position`` is the first character that does not fit.

    Examples
    --------
    >>> parse_workout("6x800m @ 2:10 (3:00)")[0].recovery_s
    180.0
    """
    if len(text) > _MAX_LENGTH:
        raise NotationError(text, _MAX_LENGTH, f"longer than {_MAX_LENGTH} characters")
    return _Parser(text).workout()


class _Parser(Cursor):
    """Every method reads one construct and leaves the rest."""

    depth = 0

    # --- the workout ------------------------------------------------------------------------

    def workout(self) -> tuple[WorkoutSet, ...]:
        drafts = self.drafts("end")
        if not drafts:
            raise self.fail("no workout in it")
        return tuple(each for draft in drafts for each in build(draft, self.fail_at))

    def drafts(self, closing: TokenKind) -> list[Draft]:
        """Read pieces up to a closing token; a recovery goes to the piece it follows."""
        drafts: list[Draft] = []
        separator: TokenKind | None = None
        while True:
            while token := self.accept("+", ","):
                separator = token.kind
            self.skip_words(words.SEPARATORS)
            kind = self.peek().kind
            if kind == closing:
                return drafts
            if kind in ("end", ")"):
                raise self.fail(
                    "a bracket is not closed" if kind == "end" else "no bracket is open"
                )
            if self.warming() or self.more_sets(closing):
                continue
            if drafts and closing == ")" and self.word_in(words.MORE, 1):
                more = self.whole(self.take())
                self.take()
                drafts[-1] = replace(drafts[-1], more=drafts[-1].more + more)
            elif drafts and self.between_sets():
                self.take()
                drafts[-1] = replace(drafts[-1], after=self.recovery())
                self.take()
            elif drafts and self.stray_recovery(drafts[-1], separator, closing):
                drafts[-1] = self.attach(drafts[-1], self.recovery())
            else:
                drafts.append(self.piece())

    def warming(self) -> bool:
        """Skip a piece that is called warm-up or cool-down."""
        ahead = 0
        found = False
        while self.peek(ahead).kind not in ("+", ",", "(", ")", "end"):
            found = found or self.word_in(words.WARMING - {"down", "up"}, ahead)
            ahead += 1
        if found:
            self.index += ahead
        return found

    def more_sets(self, closing: TokenKind) -> bool:
        """Skip ``2 more sets``, which the text leaves out."""
        ahead = [self.peek(k).kind for k in range(3)] == ["number", "word", "word"]
        found = ahead and self.word_in(words.MORE, 1) and self.word_in(words.SETS_WORDS, 2)
        if found and closing == "end":
            self.whole(self.peek())
            self.index += 3
        return found and closing == "end"

    def between_sets(self) -> bool:
        """Tell whether ``(4:00) +`` comes next, the recovery between two sets."""
        kinds = [self.peek(ahead).kind for ahead in range(4)]
        return kinds == ["(", "time", ")", "+"]

    def stray_recovery(self, last: Draft, separator: TokenKind | None, closing: TokenKind) -> bool:
        """Tell whether a recovery stands as a piece of its own: ``, 3 min between runs``."""
        if self.recovery_starts():
            return True
        bare_time = self.peek().kind == "time" and self.peek(1).kind in (",", "+", ")", "end")
        if not bare_time or separator != "," or last.recovery is not None:
            return False
        in_brackets = closing == ")" and last.single and last.sizes[0].basis != "time"
        return last.count * last.blocks > 1 or in_brackets

    # --- one piece ----------------------------------------------------------------------------

    def piece(self) -> Draft:
        """Read ``6 x 800 m @ 2:10 (3:00)``, ``2 x (...) (4:00)`` or ``10 mi @ 3:10/km``."""
        start = self.peek()
        self.skip_words(words.FILLER)
        count = self.count()
        if self.peek().kind == "(":
            draft = self.group(count or 1)
        elif count is not None and (inner := self.count()) is not None:
            draft = replace(self.sized(inner), blocks=count)  # 3 x 4 x 400
        else:
            draft = self.sized(count or 1)
        return self.trailers(replace(draft, position=start.position))

    def count(self) -> int | None:
        """Read a leading ``6 x``, ``6 sets of`` or ``6 times``."""
        token = self.peek()
        following = self.peek(1)
        if token.kind != "number":
            return None
        if following.kind != "times" and not self.word_in(words.SETS_WORDS | {"times"}, 1):
            return None
        self.index += 2
        self.skip_words(words.FILLER)
        return self.whole(token)

    def whole(self, token: Token) -> int:
        if token.value != int(token.value) or not 1 <= token.value <= _MAX_COUNT:
            raise self.fail(f"a count is a whole number from 1 to {_MAX_COUNT}", token)
        return int(token.value)

    def group(self, count: int) -> Draft:
        """Read ``(...)`` behind a count: blocks, a ladder, or one rep in brackets."""
        opening = self.take()
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.fail("brackets too deep", opening)
        inner = self.drafts(")")
        self.take()
        self.depth -= 1
        if not inner:
            raise self.fail("nothing in the brackets", opening)
        return self.grouped(inner, count, opening)

    def grouped(self, inner: list[Draft], count: int, opening: Token) -> Draft:
        """Put what stood in brackets behind a count into one draft."""
        last = inner[-1]
        if len(inner) == 1 and last.blocks == 1 and not last.parts:
            if last.single or (last.pair and last.count == 1):
                return replace(last, count=count)
            return replace(last, blocks=count, grouped=True)
        if _is_ladder(inner):
            sizes = tuple(each.sizes[0] for each in inner)
            return replace(last, sizes=sizes, blocks=count, grouped=True)
        return Draft(1, (), opening.position, blocks=count, parts=tuple(inner), grouped=True)

    def sized(self, count: int) -> Draft:
        """Read a rep size, a ladder of sizes, or work and recovery such as ``45/15``."""
        start = self.peek()
        sizes = [self.size()]
        joiner: TokenKind | None = None
        while self.joins(sizes[-1], joiner, count):
            joiner = self.take().kind
            sizes.append(self.size())
        if self.accept("times"):  # 45/15 x 20
            count = self.trailing_count(count, start)
        draft = Draft(count, tuple(sizes), start.position, pair=_is_pair(sizes, joiner))
        if draft.pair:
            style = self.styles(words.LEADS)
            return replace(draft, recovery=Recovery(start.position, style=style) if style else None)
        return replace(draft, count=1, blocks=count) if len(sizes) > 1 else draft

    def trailing_count(self, leading: int, start: Token) -> int:
        """Read the ``20`` of ``45/15 x 20``."""
        if leading != 1 or self.peek().kind != "number":
            raise self.fail("expected how many times")
        count = self.whole(self.take())
        if count > _MAX_TRAILING:
            raise self.fail_at(start.position, "a range of counts; one number is needed")
        return count

    def joins(self, last: Quantity, joiner: TokenKind | None, count: int) -> bool:
        """Tell whether the next separator continues a ladder instead of ending the piece."""
        sign = self.peek().kind
        following = self.peek(1)
        if sign not in ("-", "/", "+", ",") or joiner not in (None, sign):
            return False
        if following.kind not in ("number", "time", "distance"):
            return False
        if self.peek(2).kind == "times":  # 45/15 x 20, but not 400 + 6 x 200
            return sign in ("-", "/") and self.peek(3).kind == "number" and count == 1
        return sign in ("-", "/") or (last.basis is None and count == 1)

    def size(self) -> Quantity:
        self.skip_words(words.FILLER)
        token = self.peek()
        if token.kind not in ("time", "distance", "number"):
            found = "the text ends" if token.kind == "end" else f"found {token.text!r}"
            raise self.fail(f"expected a distance or a time, {found}")
        quantity = read_quantity(self)
        self.skip_words(words.FILLER - words.SEPARATORS)
        return quantity

    # --- what follows a size ------------------------------------------------------------------

    def trailers(self, draft: Draft) -> Draft:
        """Read pace, bracketed and worded recoveries, in any order."""
        while True:
            token = self.peek()
            if token.kind in ("+", ",", ")", "end") or self.word_in(words.SEPARATORS):
                return draft
            if token.kind == "@" or self.word_in(frozenset({"at", "in"})):
                if draft.pace is not None:
                    raise self.fail("a second pace")
                self.take()
                draft = replace(draft, pace=read_pace(self))
            elif token.kind == "(":
                self.take()
                draft = self.attach(draft, replace(self.recovery(), bracketed=True))
                if not self.accept(")"):
                    raise self.fail("expected ')' behind the recovery")
            elif self.recovery_starts() or (token.kind == "time" and draft.grouped):
                draft = self.attach(draft, self.recovery())
            elif token.kind == "word" and (
                token.text in words.FILLER or words.known_effort(token.text)
            ):
                self.take()
            else:
                raise self.fail(f"cannot read {token.text!r} here")

    def attach(self, draft: Draft, recovery: Recovery) -> Draft:
        """Give a recovery to the reps or, behind blocks, to the blocks."""
        behind_blocks = recovery.bracketed and draft.grouped
        if draft.blocks > 1 and (recovery.of_blocks or behind_blocks or draft.recovery):
            if draft.block_recovery is not None:
                raise self.fail_at(recovery.position, "a second recovery between blocks")
            return replace(draft, block_recovery=recovery)
        if draft.recovery is not None:
            raise self.fail_at(recovery.position, "a second recovery")
        return replace(draft, recovery=recovery)

    def recovery_starts(self) -> bool:
        """Tell whether a lead word, or a quantity with a recovery word behind, comes next."""
        signs = words.LEADS | words.BLOCK_LEADS | frozenset(words.STYLES)
        ahead = 0
        while self.word_in(words.TRAILING | words.SETS_WORDS | {"take"}, ahead) and not (
            self.word_in(signs, ahead)
        ):
            ahead += 1
        if self.word_in(signs, ahead):
            return True
        if self.peek(ahead).kind not in ("time", "distance", "number"):
            return False
        ahead += 3 if self.peek(ahead + 1).kind == "-" else 1
        return self.word_in(signs, ahead)

    def recovery(self) -> Recovery:
        """Read the words and numbers of one recovery."""
        found = Recovery(self.peek().position)
        while (further := self.with_next(found)) is not None:
            found = further
            if found.quantity is not None and self.word_in(words.BLOCK_LEADS | {"r", "tr"}):
                break  # R1' SR4': the next recovery begins
        if found.quantity is None and found.style is None:
            raise self.fail("expected a recovery: a time, a distance or how it is run")
        return found

    def with_next(self, recovery: Recovery) -> Recovery | None:
        """Read one more word, quantity or pace of a recovery; None where it ends."""
        token = self.peek()
        if token.kind == "word":
            return self.with_word(recovery, token.text)
        if token.kind in ("time", "distance", "number") and recovery.quantity is None:
            return replace(recovery, quantity=read_span(self))
        if token.kind == "@" and recovery.pace is None:
            self.take()
            return replace(recovery, pace=read_pace(self))
        return recovery if self.accept("~") else None

    def with_word(self, recovery: Recovery, word: str) -> Recovery | None:
        if word in words.STYLES and recovery.style is None:
            return replace(recovery, style=words.STYLES[self.take().text])
        of_blocks = words.BLOCK_LEADS | words.SETS_WORDS
        if word in of_blocks | words.LEADS | words.TRAILING | {"take"}:
            self.take()
            return replace(recovery, of_blocks=recovery.of_blocks or word in of_blocks)
        return None

    def styles(self, also: frozenset[str]) -> RecoveryStyle | None:
        style: RecoveryStyle | None = None
        while self.word_in(also | frozenset(words.STYLES)):
            style = words.STYLES.get(self.take().text, style)
        return style


def _is_ladder(inner: list[Draft]) -> bool:
    """Whether pieces are sizes of one kind, with nothing else but behind the last."""
    bases = {each.sizes[0].basis for each in inner if each.sizes} - {None}
    return all(each.plain for each in inner[:-1]) and inner[-1].single and len(bases) <= 1


def _is_pair(sizes: list[Quantity], joiner: TokenKind | None) -> bool:
    """Whether two sizes are work and recovery: ``200/100``, ``45/15``, ``30-30``."""
    small = all(size.basis is None and size.value <= 120.0 for size in sizes)
    return len(sizes) == 2 and (joiner == "/" or (joiner == "-" and small))
