"""How pictures look: colours that are nobody's flag, hatches that survive a grey print, the frame with its caveat."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import ScaledTranslation

from sim.analysis.estimates import Share
from sim.report.context import Context
from sim.report.data import Table, write_csv

Look = dict[str, Any]  # how one thing is drawn, in the keywords of Matplotlib

# Okabe and Ito's colours, which people with the common kinds of colour blindness tell apart.
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
NO_DEAL_GREY: Final = "#C8C8C8"
MUTED: Final = "#555555"
OUTLINE: Final[Look] = {"edgecolor": "#333333", "linewidth": 0.6}
HATCHES: Final = ("///", "...", "\\\\\\", "xxx", "---", "ooo", "+++", "|||")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "h")
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)), (0, (3, 3)))
# By position in the scenario, never by who the party is.
PARTY_COLOURS: Final = (PURPLE, GREEN, ORANGE, SKY, YELLOW, VERMILLION, BLUE, NO_DEAL_GREY)
CLASS_COLOURS: Final = (BLUE, SKY, GREEN, YELLOW, ORANGE, VERMILLION, PURPLE, MUTED)

WIDTH: Final = 7.2  # inches: two columns of a journal
TEXT: Final = 8.0  # points, the smallest size used
HEAD: Final = 10.0
LINE: Final = 1.2  # line spacing
LEADING: Final = 1.17 * LINE  # of a line's height to its letters' size
EDGE: Final = 0.1  # inches of margin
DOTS: Final = 300  # per inch of the PNG

STYLE: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "legend.fontsize": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "parley",  # so that the same results give the same bytes
    "svg.fonttype": "path",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


def kind_style(palette: tuple[str, ...], position: int) -> tuple[str, str]:
    """Colour and hatch by position; both change with the position, so that grey prints can be told apart too."""
    return palette[position % len(palette)], HATCHES[(position + position // len(palette)) % len(HATCHES)]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """One picture with the data in it."""

    name: str  # of its files, without an ending
    figure: Figure
    table: Table
    axes: dict[str, Axes] = field(default_factory=dict)  # by what they show, for tests


def sheet(title: str, subtitle: str, context: Context, body: float, width: float = WIDTH) -> Figure:
    """An empty picture with its title above and its caveat below a body of that many inches."""
    heads = textwrap.wrap(title, int((width - 2 * EDGE) * 72 / (HEAD * 0.6)))
    subs = textwrap.wrap(subtitle, int((width - 2 * EDGE) * 72 / (TEXT * 0.52)))
    notes = textwrap.wrap(context.line(), int((width - 2 * EDGE) * 72 / (TEXT * 0.52)))
    notes += textwrap.wrap(context.caveat, int((width - 2 * EDGE) * 72 / (TEXT * 0.52)))
    top = EDGE + (len(heads) * HEAD + len(subs) * TEXT) * LEADING / 72 + 0.08
    bottom = EDGE + len(notes) * TEXT * LEADING / 72 + 0.06
    height = top + body + bottom
    figure = Figure(figsize=(width, height), layout="constrained")
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(EDGE / width, bottom / height, 1 - 2 * EDGE / width, body / height))
    at: Look = {"ha": "left", "va": "top", "linespacing": LINE}
    figure.text(EDGE / width, 1 - EDGE / height, "\n".join(heads), fontsize=HEAD, fontweight="bold", **at)
    below = EDGE + len(heads) * HEAD * LEADING / 72 + 0.02
    figure.text(EDGE / width, 1 - below / height, "\n".join(subs), fontsize=TEXT, color=MUTED, **at)
    at["va"] = "bottom"
    figure.text(EDGE / width, EDGE / height, "\n".join(notes), fontsize=TEXT, color=MUTED, gid="caveat", **at)
    return figure


def spread(figure: Figure, share: float) -> None:
    """Room between the columns of a picture, as a share of a column."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(wspace=share)


def per_cents(axes: Axes, label: str = "share of runs (%)") -> None:
    """A horizontal axis from 0 to 100 per cent."""
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel(label)


def wrapped(words: str, letters: int) -> str:
    """Words on several lines; a longer word is cut rather than laid over its neighbour."""
    return "\n".join(textwrap.wrap(words, letters, break_long_words=True)) or words


def interval(axes: Axes, share: Share, place: float, *, upright: bool = False) -> None:
    """A share as a dot with its interval, in per cents; `upright` along the vertical axis."""
    value = 100 * share.value
    ends = [[max(value - 100 * share.low, 0.0)], [max(100 * share.high - value, 0.0)]]
    look: Look = {"color": BLACK, "markersize": 4, "capsize": 2.5, "linewidth": 1.0, "zorder": 4, "clip_on": False}
    if upright:
        axes.errorbar(place, value, yerr=ends, fmt="none", **look)
    else:
        axes.errorbar(value, place, xerr=ends, fmt="o", **look)


def legend_below(axes: Axes, handles: Sequence[Artist], inches: float) -> None:
    """A legend centred that far below the axes."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("these axes belong to no picture")
    down = ScaledTranslation(0.0, -inches, figure.dpi_scale_trans)
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), bbox_transform=axes.transAxes + down, ncols=2
    )


def say_nothing_to_draw(axes: Axes, words: str) -> None:
    """A picture of nothing says so."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, fontsize=HEAD)


def settle(figure: Figure) -> None:
    """Lay the picture out once and for all: the solver's last digits change from one process to the next."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position(tuple(round(edge, 4) for edge in axes.get_position().bounds))


def save(drawing: Drawing, context: Context, folder: Path) -> list[Path]:
    """The picture as PNG and SVG, and what it shows as CSV; the same results give the same bytes."""
    paths = [folder / f"{drawing.name}.{ending}" for ending in ("png", "svg", "csv")]
    with matplotlib.rc_context(STYLE):
        # No date and no version of the library, or no two files would be alike.
        notes = {"Title": drawing.name, "Description": f"{context.line()}. {context.caveat}."}
        settle(drawing.figure)
        drawing.figure.savefig(paths[0], dpi=DOTS, metadata={**notes, "Software": None})
        drawing.figure.savefig(paths[1], metadata={**notes, "Date": None, "Creator": None})
    write_csv(paths[2], drawing.table, context)
    return paths
