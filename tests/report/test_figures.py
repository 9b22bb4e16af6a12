"""Pictures: the data file is what is drawn, the caveat is inside, the bytes do not change, nothing overlaps."""

import csv
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from matplotlib.text import Text

from sim.analysis.summary import summarise
from sim.report.context import CAVEAT, NOT_A_FORECAST, Context
from sim.report.figures import draw_all, drawings
from sim.report.style import TEXT
from tests.synthetic import long_names, made_up, scenario

MARCH = scenario("march_2025")
NAMES = ["outcomes", "agreement", "survival", "refusals", "worths", "packages"]


def without_refusals(rows):
    return replace(
        rows, refused=np.zeros_like(rows.refused), crossed=np.zeros_like(rows.crossed), sole=np.zeros_like(rows.sole)
    )


CASES = {
    "some deals": (MARCH, made_up(MARCH, 400)),
    "no deals, no refusals": (MARCH, without_refusals(made_up(MARCH, 300, deals=0.0))),
    "all deals, many runs": (MARCH, made_up(MARCH, 10_001, deals=1.0)),
    "one run": (MARCH, made_up(MARCH, 1, deals=1.0, seed=3)),
    "long names": (long_names(MARCH), made_up(MARCH, 500)),
    "small": (scenario("orange"), made_up(scenario("orange"), 20)),
}
cases = pytest.mark.parametrize("case", CASES)


def context_of(world, rows):
    return Context(world.name, world.information_to or date(2025, 3, 19), 7, rows.runs, "hill_climb")


def drawn(case):
    world, rows = CASES[case]
    return drawings(world, summarise(world, rows), rows, context_of(world, rows))


def words_of(figure):
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@cases
def test_every_picture_carries_its_caveat_and_names_its_axes(case):
    world, rows = CASES[case]
    for drawing in drawn(case):
        inside = " ".join(" ".join(text.get_text().split()) for text in words_of(drawing.figure))
        for told in (world.name, "2025-03-19", "seed 7", f"{rows.runs:,} run", NOT_A_FORECAST, CAVEAT):
            assert told in inside, (drawing.name, told)
        assert not re.search("probabilit", inside)
        for axes in drawing.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                ticks = [
                    label.get_text() for label in axis.get_ticklabels() if label.get_visible() and label.get_text()
                ]
                row_of_its_own = (
                    len(ticks) == 1 and ticks[0][0].isalpha()
                )  # one tick that says in words what the row is
                if axes.axison and ticks and not row_of_its_own:
                    assert axis.get_label_text(), (drawing.name, axis.axis_name, ticks)


@cases
def test_no_letter_is_smaller_than_eight_points(case):
    for drawing in drawn(case):
        assert min(text.get_fontsize() for text in words_of(drawing.figure)) >= TEXT == 8


@cases
def test_no_words_lie_over_other_words_or_outside_the_picture(case):
    for drawing in drawn(case):
        canvas = FigureCanvasAgg(drawing.figure)
        canvas.draw()
        edge = drawing.figure.bbox
        # Of an annotation the words only, not the line that leads from them.
        boxes = [(text, Text.get_window_extent(text, canvas.get_renderer())) for text in words_of(drawing.figure)]
        upright = [(text, box) for text, box in boxes if text.get_rotation() % 90 == 0]
        for text, box in boxes:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= edge.x1 + 1 and box.y1 <= edge.y1 + 1
            assert inside, (drawing.name, text.get_text())
        for place, (text, box) in enumerate(upright):
            for other, there in upright[place + 1 :]:
                apart = (
                    box.x1 <= there.x0 + 1 or there.x1 <= box.x0 + 1 or box.y1 <= there.y0 + 1 or there.y1 <= box.y0 + 1
                )
                assert apart, (drawing.name, text.get_text(), other.get_text())


def by_name(case):
    return {drawing.name: drawing for drawing in drawn(case)}


def test_the_outcome_bars_are_the_data():
    drawing = by_name("some deals")["outcomes"]
    widths = [patch.get_width() for patch in drawing.axes["stack"].patches]
    assert widths == pytest.approx([100 * share for share in drawing.table.column("share")])
    assert sum(widths) == pytest.approx(100)
    assert drawing.table.column("outcome")[0] == "no deal"


def test_the_package_bars_and_letters_are_the_data():
    drawing = by_name("some deals")["packages"]
    heights = [patch.get_height() for patch in drawing.axes["bars"].patches]
    assert heights == pytest.approx([100 * share for share in drawing.table.column("share")])
    letters = [text.get_text() for text in drawing.axes["matrix"].texts]
    names = [drawing.table.column(issue.name)[1:9] for issue in MARCH.issues]
    expected = [
        "abcdefgh"[issue.index(name)] for issue, row in zip(MARCH.issues, names, strict=True) for name in row if name
    ]
    assert letters == expected


def test_the_survival_curve_is_the_data():
    drawing = by_name("some deals")["survival"]
    line = next(line for line in drawing.axes["curves"].lines if line.get_label() == "still in force")
    assert line.get_xdata() == pytest.approx(drawing.table.column("days since signature"))
    assert line.get_ydata() == pytest.approx([100 * value for value in drawing.table.column("share still in force")])


def test_the_agreement_curves_are_the_data():
    drawing = by_name("some deals")["agreement"]
    for line in drawing.axes["curves"].lines:
        values = [row[2] for row in drawing.table.rows if row[0] == line.get_label()]
        assert line.get_ydata() == pytest.approx([100 * value for value in values])


def test_the_row_under_the_agreement_curves_counts_runs_without_a_deal():
    drawing = by_name("some deals")["agreement"]
    without = {row[1]: row[6] - row[5] for row in drawing.table.rows if row[0] == "any deal"}
    told = {round(text.get_position()[0]): text.get_text() for text in drawing.axes["counts"].texts}
    shown = {place: words for place, words in told.items() if words.replace(",", "").isdigit()}
    assert len(shown) > 3
    assert shown == {place: f"{without[place]:,}" for place in shown}


def test_the_cells_of_refusals_are_the_data():
    drawing = by_name("all deals, many runs")["refusals"]
    told = [text.get_text().split("\n")[0] for text in drawing.axes["cells"].texts if "\n" in text.get_text()]
    shares = [f"{100 * value:.1f}%" for value in drawing.table.column("share of runs")]
    columns = len(MARCH.issues) + 1
    rows = [told[start : start + columns] for start in range(0, len(told), columns + 1)]  # the last: alone in the way
    assert [word for row in rows for word in row] == shares


def test_the_spike_of_no_deal_stands_apart_from_the_hills():
    drawing = by_name("some deals")["worths"]
    spike = drawing.axes["spikes"].patches[0].get_width()
    rows = [row for row in drawing.table.rows if row[0] == MARCH.parties[0].name]
    assert rows[0][1] == "nothing in force"
    assert spike == pytest.approx(100 * rows[0][4])
    assert sum(row[5] for row in rows) == 400  # every run is in the spike or in a hill


@pytest.mark.parametrize("case", ["some deals", "no deals, no refusals"])
def test_files_are_the_same_bytes_twice_and_the_data_says_where_it_is_from(case, tmp_path):
    world, rows = CASES[case]
    summary, context = summarise(world, rows), context_of(world, rows)
    one = draw_all(world, summary, rows, context, tmp_path / "one")
    two = draw_all(world, summary, rows, context, tmp_path / "two")
    assert [path.name for path in one] == [f"{name}.{end}" for name in NAMES for end in ("png", "svg", "csv")]
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    for path in one:
        if path.suffix == ".csv":
            lines = path.read_text(encoding="utf-8").splitlines()
            head = [line for line in lines if line.startswith("# ")]
            for told in (
                f"# scenario: {world.name}",
                "# information date: 2025-03-19",
                "# seed: 7",
                f"# {NOT_A_FORECAST}",
            ):
                assert told in head
            table = list(csv.reader(line for line in lines if not line.startswith("#")))
            assert len({len(row) for row in table}) == 1
        elif path.suffix == ".svg":
            assert NOT_A_FORECAST in path.read_text(encoding="utf-8")


def test_pictures_are_fine_enough_to_print(tmp_path):
    world, rows = CASES["small"]
    paths = draw_all(world, summarise(world, rows), rows, context_of(world, rows), tmp_path)
    assert imread(paths[0]).shape[1] >= 7 * 200
