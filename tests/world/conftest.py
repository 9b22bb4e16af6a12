"""A small world in files: two who fight, one who does not, two issues, one source."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sim.world.files import Library, load
from sim.world.scenario import Scenario

WIDTHS = {
    "share": {"stated": 0.05, "reported": 0.08, "inferred": 0.12, "assumed": 0.15},
    "real": {"stated": 0.05, "reported": 0.08, "inferred": 0.1, "assumed": 0.12},
    "scale": {"stated": 0.1, "reported": 0.2, "inferred": 0.3, "assumed": 0.35},
    "logit": {"stated": 0.1, "reported": 0.2, "inferred": 0.25, "assumed": 0.3},
}

SOURCE = """\
id: story
about: a made-up report
published: 2001-02-03
sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
paragraphs: 3
claims:
  - {id: C01, paragraph: 1, speaker: the crown, about: [north], kind: stated, matter: halt, said: 2001-02-02, statement: it wants a halt}
  - {id: C02, paragraph: 1, speaker: the crown, about: [north], kind: reported, matter: halt, said: 2001-02-02, statement: it said so twice}
  - {id: C03, paragraph: 2, speaker: a scholar, about: [south], kind: inferred, matter: halt, said: 2001-02-03, statement: it can wait}
no_claim:
  - {paragraph: 3, because: the weather}
"""

BASE = """\
title: A made-up war
source: story
information_to: 2001-02-03
start: 2001-02-03
context: {C03: nothing here is measured by it}
clock: {round_days: 7, horizon: 10, deadline: none}
scope_issue: halt
issues:
  halt:
    about: what stops
    status_quo: none
    because: a toy
    grade: assumed
    options:
      none: {words: nothing, position: 0}
      part: {words: a part, position: 0.4, settles: 0.2, relief: {north: 0.1, south: {at: 0.2, claims: [C01], grade: stated}}}
      all:
        words: everything
        position: 1
        settles: {at: 0.8, claims: [C02], grade: reported}
        front: {exactly: 0}
        burden: {north: 0.3}
  aid:
    about: help from outside
    status_quo: flows
    war_decides: true
    because: a toy
    grade: assumed
    options:
      flows: {words: it flows, term: 30}
      ends: {words: it ends}
effects:
  - {when: {halt: all, aid: ends}, shift: -0.3, because: a toy, grade: assumed}
rules:
  - {option: {aid: ends}, needs: {halt: [part, all]}, because: nothing is ended for nothing}
parties:
  north:
    title: the crown
    because: a toy
    grade: assumed
    cost: 0.14
    optimism: 0.3
    firmness: 0.3
    concession: 0.3
    exaggeration: {exactly: 0}
    control: 0.9
    trust: {south: 0.5}
    preferences:
      halt: {salience: 0.5, ideal: 0.3}
      aid: {salience: 0.5, values: {flows: 0, ends: 1}}
    interactions:
      - {when: {halt: all, aid: ends}, bonus: 0.05}
    red_lines:
      - {name: all while aid flows, when: {halt: [all], aid: [flows]}, chance: 0.8, claims: [C01], grade: stated}
    types:
      sincere: {chance: 0.5}
      stalling: {chance: 0.5, plays_for_time: true, firmness: 0.6, preferences: {halt: {salience: 0.9}}}
  south:
    title: the republic
    because: a toy
    grade: assumed
    cost: 0.26
    optimism: 0.3
    firmness: 0.3
    concession: 0.3
    exaggeration: {exactly: 0}
    control: 0.9
    trust: {north: 0.4}
    preferences:
      halt: {salience: 0.5, ideal: 1}
      aid: {salience: 0.5, values: {flows: 1, ends: 0}}
  third:
    title: the league
    because: a toy
    grade: assumed
    cost: 0.05
    optimism: {exactly: 0}
    firmness: 0.3
    concession: 0.3
    exaggeration: {exactly: 0}
    trust: {north: 0.6, south: 0.6}
    preferences:
      halt: {salience: 0.5, ideal: 0.9, gamma: 2}
      aid: {salience: 0.5, values: {flows: 0.5, ends: {uniform: [0.2, 0.8]}}}
conflict:
  belligerents: [north, south]
  because: a toy
  grade: assumed
  odds: 0.55
  drift: 0.0014
  volatility: 0.08
  planning_days: 180
  rearm_days: 120
  deliberate_rate: 0.01
  spoiler_rate: 0.002
signers: {all_of: [north, south], blocs: [{of: [south, third], quorum: 1}]}
texts:
  small: {words: a small halt, package: {halt: part}, answers: {north: signs}, claims: [C01]}
outcomes:
  grand deal: {halt: [all], aid: [ends]}
  halt: {halt: [part, all]}
"""

TWIN = """\
title: A made-up water quarrel
twin_of: base
names:
  parties:
    north: {name: upriver, title: those above}
    south: {name: downriver, title: those below}
    third: {name: guild, title: the boatmen}
  issues:
    halt:
      name: sluices
      about: which sluices open
      options:
        none: {name: shut, words: all stay shut}
        part: {name: some, words: some open}
        all: {name: every, words: every one opens}
    aid:
      name: loans
      about: who lends
      options:
        flows: {name: lent, words: the guild lends}
        ends: {name: stopped, words: the guild stops}
  texts:
    small: {name: trickle, words: a trickle}
  outcomes: {grand deal: treaty of waters, halt: trickle}
  red_lines: {all while aid flows: every sluice while loans go on}
"""

Write = Callable[[str, str], Path]
Load = Callable[..., Scenario]


@pytest.fixture()
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Folders with the small world in them, which are also the current folder, so that messages say short names."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "scenarios" / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "scenarios" / "waters.yaml").write_text(TWIN, encoding="utf-8")
    (tmp_path / "seeds" / "story.yaml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Library(tmp_path / "scenarios", tmp_path / "seeds")


@pytest.fixture()
def write(library: Library) -> Write:
    """Put a scenario into the library."""

    def put(name: str, text: str) -> Path:
        path = library.scenarios / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture()
def read(library: Library) -> Load:
    """Load a scenario of the library."""

    def get(name: str = "base", changes: Mapping[str, object] | None = None) -> Scenario:
        return load(name, widths=WIDTHS, changes=changes, library=library)

    return get


@pytest.fixture()
def edit(write: Write, read: Load) -> Load:
    """Load the small world with one passage of its file replaced."""

    def get(old: str, new: str) -> Scenario:
        assert BASE.count(old) == 1, old
        write("base", BASE.replace(old, new))
        return read()

    return get


@pytest.fixture()
def widths() -> dict[str, dict[str, float]]:
    """Spreads by kind and grade."""
    return WIDTHS


@pytest.fixture()
def number(read: Load) -> Callable[..., object]:
    """One number of a scenario, by path."""

    def get(path: str, name: str = "base", changes: Mapping[str, object] | None = None) -> object:
        [found] = [n for n in read(name, changes).numbers() if n.path == path]
        return found

    return get
