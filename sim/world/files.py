"""Scenarios and sources on disk: where they are, what extends what, and loading one by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sim.world.build import TOP_KEYS, Origin, build, cited
from sim.world.claims import Source, load_source
from sim.world.errors import ClaimError, ScenarioError, nearest
from sim.world.merging import apply_changes, merge
from sim.world.quantities import Widths
from sim.world.reading import entries, ground, text
from sim.world.scenario import Scenario
from sim.world.tree import Node, read_tree, shown
from sim.world.twins import TWIN_KEYS, rename

__all__ = ["ClaimError", "Library", "ScenarioError", "Widths", "find_library", "load", "load_root", "source_of"]

_ROOM: Final = Path(__file__).resolve().parent
_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Library:
    """The folders that scenarios and sources are looked up in."""

    scenarios: Path
    seeds: Path

    def names(self) -> tuple[str, ...]:
        """Every scenario of the library, in alphabetical order."""
        return tuple(sorted(path.stem for path in self.scenarios.glob("*.yaml")))


@dataclass(frozen=True, slots=True)
class _Lineage:
    """A scenario's tree with everything it extends laid under it."""

    tree: Node
    root: Path  # the file at the end of the chain
    claims: frozenset[str]  # cited anywhere along the chain, even where a variant has replaced the number


def find_library() -> Library:
    """The folders beside the code where there are any, else those packaged inside it."""
    package = _ROOM.parent
    beside = package.parent
    if (beside / "scenarios").is_dir() and (beside / "seeds").is_dir():
        return Library(beside / "scenarios", beside / "seeds")
    return Library(package / "_data" / "scenarios", package / "_data" / "seeds")


def load(
    name_or_path: str,
    *,
    widths: Widths,
    changes: Mapping[str, object] | None = None,
    library: Library | None = None,
) -> Scenario:
    """The scenario of that name, or in that file, with the changes made.

    Parameters
    ----------
    name_or_path
        A name in the library, or a path that ends in .yaml.
    widths
        Spread by kind of number and grade, in the scale of the kind's family.
    changes
        Path -> value; a bare value means exactly that, `PATH.at` moves the centre only.
    library
        Where names are looked up; the project's own folders if not given.

    Raises
    ------
    ScenarioError, ClaimError
        With file and line, the path inside the file, and what to do.
    """
    shelves = library or find_library()
    path = _find(name_or_path, shelves, "")
    lineage = _read(path, shelves, ())
    source = _source(lineage.tree, path, shelves)
    tree = apply_changes(lineage.tree, changes or {})
    scenario = build(tree, Origin(path.stem, lineage.root.stem, source), widths)
    if source is not None:
        context = _context(lineage.tree)
        # A variant may cite what its original set aside, but not the other way round.
        used = lineage.claims if lineage.root == path else lineage.claims - context
        source.check_used(used, context, shown(path))
    return scenario


def load_root(name_or_path: str, widths: Widths, *, library: Library | None = None) -> Scenario:
    """The unchanged scenario at the end of the chain of `extends` and `twin_of`: breakdown is calibrated on it."""
    shelves = library or find_library()
    root = _read(_find(name_or_path, shelves, ""), shelves, ()).root
    return load(str(root), widths=widths, library=shelves)


def source_of(scenario: Scenario, *, library: Library | None = None) -> Source | None:
    """The source that a scenario cites; None if it cites none."""
    if scenario.source is None:
        return None
    return load_source((library or find_library()).seeds / f"{scenario.source}.yaml")


def _find(name: str, shelves: Library, where: str, beside: Path | None = None) -> Path:
    if name.endswith(_SUFFIXES):
        path = (beside / name if beside is not None else Path(name).expanduser()).resolve()
        if path.is_dir():
            raise ScenarioError(f"{name!r} is a folder; give the path of the scenario's file inside it", where)
        if not path.is_file():
            raise ScenarioError(f"there is no file {name!r}; check the path, or give a name without `.yaml`", where)
        return path
    folders: list[Path] = [shelves.scenarios] if beside is None else [beside, shelves.scenarios]
    for folder in folders:
        path = (folder / f"{name}.yaml").resolve()
        if path.is_file():
            return path
    for suffix in _SUFFIXES:
        if beside is None and Path(f"{name}{suffix}").is_file():
            raise ScenarioError(f"there is no scenario {name!r}; did you mean the file '{name}{suffix}'?", where)
    raise ScenarioError(f"there is no scenario {name!r}; {nearest(name, shelves.names())}", where)


def _read(path: Path, shelves: Library, above: tuple[Path, ...]) -> _Lineage:
    if path in above:
        chain = " -> ".join(file.stem for file in (*above[above.index(path) :], path))
        raise ScenarioError(f"the scenarios extend each other in a circle ({chain}); drop one `extends`", shown(path))
    raw = read_tree(path)
    inside = raw.value if isinstance(raw.value, dict) else {}
    parents = [key for key in ("extends", "twin_of") if key in inside]
    tree = ground(raw)
    if not parents:
        entries_of_root = {key: child for key, child in _top(tree).items() if child.value is not None}
        tree = replace(tree, value=entries_of_root)
        return _Lineage(tree, path, cited(tree))
    if len(parents) > 1:
        raise ScenarioError("a scenario extends another or is its twin, not both; drop one", inside["twin_of"].where)
    parent = _find(text(inside[parents[0]]), shelves, inside[parents[0]].where, path.parent)
    base = _read(parent, shelves, (*above, path))
    if parents == ["twin_of"]:
        entries(tree, TWIN_KEYS)
        return replace(base, tree=rename(base.tree, tree))
    over = replace(tree, value={key: child for key, child in _top(tree).items() if key != "extends"})
    return _Lineage(merge(base.tree, over), base.root, base.claims | cited(over))


def _top(tree: Node) -> dict[str, Node]:
    inside = tree.value if isinstance(tree.value, dict) else {}
    allowed = (*TOP_KEYS, "extends", "twin_of")
    for key, child in inside.items():
        if key not in allowed:
            raise ScenarioError(f"unknown key {key!r}; {nearest(key, allowed)}", child.where)
    return inside


def _source(tree: Node, path: Path, shelves: Library) -> Source | None:
    inside = entries(tree)
    if "source" not in inside:
        return None
    name = text(inside["source"])
    for folder in (path.parent / "seeds", path.parent.parent / "seeds", shelves.seeds):
        if (folder / f"{name}.yaml").is_file():
            return load_source(folder / f"{name}.yaml")
    known = sorted(file.stem for file in shelves.seeds.glob("*.yaml"))
    raise ScenarioError(f"there is no source {name!r}; {nearest(name, known)}", inside["source"].where)


def _context(tree: Node) -> frozenset[str]:
    inside = entries(tree)
    return frozenset(entries(inside["context"])) if "context" in inside else frozenset()
