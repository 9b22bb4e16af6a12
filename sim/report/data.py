"""What a picture or table shows, as a file of comma-separated values that says where it comes from."""

from dataclasses import dataclass
from pathlib import Path

from sim.report.context import Context


@dataclass(frozen=True, slots=True)
class Table:
    """Exactly what is shown, as columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def column(self, name: str) -> list[object]:
        """One column by name."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def write_csv(path: Path, table: Table, context: Context) -> None:
    """The table as CSV, its origin in comment lines above it."""
    lines = [f"# {comment}" for comment in context.comments()]
    lines += [",".join(_cell(value) for value in row) for row in (table.columns, *table.rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(float(value))
    words = str(value)
    return f'"{words.replace(chr(34), chr(34) * 2)}"' if any(mark in words for mark in ',"\n') else words
