"""Laying out plain text: columns, paragraphs and sections that fit a terminal."""

import textwrap
from collections.abc import Sequence
from typing import Final

WIDTH: Final = 100  # characters


def paragraph(words: str, indent: int = 0) -> list[str]:
    """Words on lines that fit."""
    margin = " " * indent
    return textwrap.wrap(words, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def section(title: str, lines: Sequence[str]) -> str:
    """A title over its lines."""
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])


def columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table: first column to the left, numbers to the right, a last column of words to the left."""
    cells = [tuple(names), *(tuple(row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(names))]
    left = {0, *(place for place in range(len(names)) if _wordy([row[place] for row in rows]))}
    lines = []
    for row in cells:
        parts = [c.ljust(w) if p in left else c.rjust(w) for p, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(parts).rstrip())
    return lines


def _wordy(cells: Sequence[str]) -> bool:
    """Whether a column is words rather than numbers; one of numbers starts with a digit, a sign or a comparison."""
    return any(cell and cell != "-" and not (cell[0].isdigit() or cell[0] in "<>+-.") for cell in cells)
