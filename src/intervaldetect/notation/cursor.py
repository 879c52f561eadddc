"""A place in a list of tokens."""

from __future__ import annotations

from intervaldetect.errors import NotationError
from intervaldetect.notation.lexer import Token, TokenKind, tokenize


class Cursor:
    """Tokens of a text and how far they have been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return a token ahead without taking it; past the end, the end token."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self.index += 1
        return token

    def accept(self, *kinds: TokenKind) -> Token | None:
        """Take the next token if it is of one of these kinds."""
        return self.take() if self.peek().kind in kinds else None

    def word_in(self, vocabulary: frozenset[str], ahead: int = 0) -> bool:
        """Tell whether the token ahead is one of these words."""
        token = self.peek(ahead)
        return token.kind == "word" and token.text in vocabulary

    def skip_words(self, vocabulary: frozenset[str]) -> None:
        """Take words as long as they are among these."""
        while self.word_in(vocabulary):
            self.index += 1

    def fail(self, reason: str, token: Token | None = None) -> NotationError:
        """Make the error that points at a token, at the next one unless told."""
        return self.fail_at((token or self.peek()).position, reason)

    def fail_at(self, position: int, reason: str) -> NotationError:
        """Make the error that points at a character."""
        return NotationError(self.text, position, reason)
