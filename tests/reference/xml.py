"""Slow twin of the XML scanner: one character after another, nothing skipped, nothing remembered.

Knows what the tests' documents hold: elements, attributes, text, comments, instructions and CDATA;
entities are left as they are. Ends where the text ends, wherever that is.
"""

from __future__ import annotations

import re

ATTRIBUTE = re.compile(r"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def tokens(text):
    """Split into ("text", it), ("start", name, attributes), ("empty", ...) and ("end", name)."""
    at = 0
    while at < len(text):
        if text[at] != "<":
            end = text.find("<", at)
            if end < 0:
                return
            yield "text", text[at:end], None
            at = end
            continue
        for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")):
            if text.startswith(opening, at):
                end = text.find(closing, at + len(opening))
                if end < 0:
                    return
                at = end + len(closing)
                break
        else:
            end, quote = at + 1, ""
            while end < len(text) and (quote or text[end] != ">"):
                if text[end] in "\"'":
                    quote = "" if quote == text[end] else quote or text[end]
                end += 1
            if end >= len(text):
                return
            tag, at = text[at + 1 : end], end + 1
            name = re.findall(r"^/?([\w:.-]+)", tag)[0]
            attributes = {m[1]: m[2] if m[2] is not None else m[3] for m in ATTRIBUTE.finditer(tag)}
            kind = "end" if tag.startswith("/") else "empty" if tag.endswith("/") else "start"
            yield kind, name.split(":")[-1].lower(), attributes


def points(text, point):
    """Give attributes and (parent, name, text) triples of every point that is complete."""
    found, path = [], []
    values, written = None, ""
    for kind, name, attributes in tokens(text):
        if kind == "text":
            written += name
            continue
        if kind in {"start", "empty"}:
            if name == point:
                values = (attributes, [])
            path.append(name)
        else:
            assert path[-1] == name
        if kind in {"end", "empty"}:
            path.pop()
            if name == point:
                found.append(values)
                values = None
            elif values is not None:
                values[1].append((path[-1], name, written.strip() if kind == "end" else ""))
        written = ""
    return found
