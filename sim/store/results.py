"""A stored ensemble: its folder is named by what decides its rows, so the same command finds what it began."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.engine.records import Records
from sim.engine.workers import Part, parts_of
from sim.store.errors import StoreError
from sim.store.folder import reason, sha256, whole
from sim.store.parts import PartFiles
from sim.store.plain import plain, scenario_of
from sim.store.provenance import code_digest, code_state, versions
from sim.store.table import layout
from sim.world.scenario import Scenario

FORMAT: Final = 1  # of the files; raise it when a reader of older ones would be wrong
PART_RUNS: Final = 131_072
MANIFEST: Final = "manifest.json"
SCENARIO: Final = "scenario.json"
SUMMARY: Final = "summary.json"
FIGURES: Final = "figures"
ENTRIES: Final = (
    "about",
    "base hazards",
    "code",
    "files",
    "mediator",
    "mediator name",
    "part",
    "runs",
    "scenario digest",
    "seed",
    "settings",
    "versions",
)  # of the manifest, that are read again
CAVEAT: Final = "a model, not a forecast"
DIGITS: Final = 8  # of the identity, in a folder's name


@dataclass(frozen=True)
class Ensemble:
    """All that decides the rows of an ensemble and how they are cut into parts."""

    scenario: Scenario
    mediator: Mapping[str, object]  # as its settings
    mediator_name: str
    base: tuple[float, float]  # base hazards
    seed: int
    runs: int
    part: int = PART_RUNS

    @cached_property
    def scenario_text(self) -> str:
        """The scenario with everything it extends and every change, as JSON."""
        return _json(plain(self.scenario))

    @cached_property
    def identity(self) -> str:
        """SHA-256 of everything that can change a byte of the parts: scenario, settings, code, libraries."""
        decided = [self.scenario_text, dict(self.mediator), self.base, self.seed, self.runs, self.part]
        # The version of Python does not take part: it does no arithmetic that the libraries above do not.
        libraries = {name: number for name, number in versions().items() if name != "python"}
        return hashlib.sha256(_json([FORMAT, code_digest(), libraries, *decided]).encode()).hexdigest()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The ranges of runs that are saved together."""
        return parts_of(self.runs, self.part)

    @property
    def name(self) -> str:
        """Name of the folder."""
        what = f"{self.scenario.name}-{self.mediator_name}-seed{self.seed}-runs{self.runs}"
        return f"{what}-{self.identity[:DIGITS]}"

    def about(self) -> dict[str, object]:
        """What every file of the ensemble says of itself."""
        return {
            "identity": self.identity,
            "scenario": self.scenario.name,
            "information to": str(self.scenario.information_to or "not dated"),
            "seed": self.seed,
            "runs": self.runs,
            "caveat": CAVEAT,
        }

    def files(self, folder: Path) -> PartFiles:
        """Its part files in a folder of results."""
        return PartFiles(folder, layout(self.scenario), self.about())


@dataclass(frozen=True)
class Result:
    """A finished ensemble on disk."""

    folder: Path
    manifest: Mapping[str, Any]
    scenario: Scenario

    @property
    def parts(self) -> tuple[Part, ...]:
        """The ranges of runs that were saved together."""
        return parts_of(self.manifest["runs"], self.manifest["part"])

    @property
    def files(self) -> PartFiles:
        """Its part files."""
        return PartFiles(self.folder, layout(self.scenario), self.manifest["about"])

    def records(self) -> Records:
        """All rows, verified."""
        return self.files.load_all(self.parts)

    def row(self, run: int) -> Records:
        """One row, verified; a StoreError where there is no such run."""
        if not 0 <= run < self.manifest["runs"]:
            raise StoreError(f"there is no run {run} in {self.folder}; its runs are 0 to {self.manifest['runs'] - 1}")
        part = self.parts[run // self.manifest["part"]]
        return one(self.files.load(part), run)


def one(records: Records, run: int) -> Records:
    """A single row out of many."""
    place = run - records.first
    names = [f.name for f in fields(records) if f.name != "first"]
    arrays: dict[str, Any] = {name: getattr(records, name)[..., place : place + 1].copy() for name in names}
    return Records(first=run, **arrays)


def differing(one: Records, other: Records) -> tuple[str, ...]:
    """Names of the columns in which rows differ at all; not a number equals not a number."""
    names = [f.name for f in fields(one) if f.name != "first"]
    return tuple(n for n in names if not np.array_equal(getattr(one, n), getattr(other, n), equal_nan=True))


def finish(ensemble: Ensemble, folder: Path, settings: Mapping[str, object], claims: str | None) -> None:
    """Write what makes the folder a result: the scenario and, last of all, the manifest.

    `claims` is the checksum of the source's file; whatever else the folder holds by now is listed with its checksum.
    """
    with whole(folder / SCENARIO) as path:
        path.write_text(ensemble.scenario_text, encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "about": ensemble.about(),
        "scenario": ensemble.scenario.name,
        "scenario digest": ensemble.scenario.digest,
        "claims sha256": claims,
        "information to": ensemble.about()["information to"],
        "mediator": dict(ensemble.mediator),
        "mediator name": ensemble.mediator_name,
        "base hazards": list(ensemble.base),
        "seed": ensemble.seed,
        "runs": ensemble.runs,
        "part": ensemble.part,
        "settings": dict(settings),
        "code": code_state(),
        "versions": versions(),
        "caveat": CAVEAT,
    }
    list_files(folder, manifest)


def list_files(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write the manifest with the checksums of what the folder holds by now."""
    held = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in held}
    write_json(folder / MANIFEST, {**manifest, "files": files})


def write_json(path: Path, data: object) -> None:
    """Plain data as a file that is there whole or not at all."""
    with whole(path) as passing:
        passing.write_text(_json(data), encoding="utf-8")


def open_result(folder: Path) -> Result:
    """A finished result; a StoreError says what is missing or has been changed."""
    manifest = read_manifest(folder)
    for name in sorted(manifest["files"]):
        path = folder / name
        if path.suffix in (".parquet", ".json") and (not path.is_file() or sha256(path) != manifest["files"][name]):
            what = "has been changed since it was written" if path.is_file() else "is missing"
            raise StoreError(f"{path} {what}; run the command that made it again, and it is played anew")
    scenario = scenario_of(read_json(folder / SCENARIO))
    if scenario.digest != manifest["scenario digest"]:
        raise StoreError(
            f"the scenario stored in {folder} cannot be rebuilt by this version of the program (its digest was "
            f"{manifest['scenario digest'][:DIGITS]}, now {scenario.digest[:DIGITS]}); run it anew"
        )
    return Result(folder, manifest, scenario)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished result; a StoreError where there is none that this version can read."""
    if not (folder / MANIFEST).is_file():
        raise StoreError(_no_result(folder))
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise StoreError(f"{folder / MANIFEST} was written by another version of the program; run the ensemble anew")
    for name in ENTRIES:
        if name not in manifest:
            raise StoreError(f"{folder / MANIFEST} is damaged (it has no {name!r}); run the command that made it again")
    return manifest


def read_json(path: Path) -> dict[str, Any]:
    """A file of plain data; a StoreError where it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"cannot read {path}: {reason(error)}") from error
    except ValueError as error:
        raise StoreError(f"{path} is damaged ({error}); run the command that made it again") from error
    if not isinstance(data, dict):
        raise StoreError(f"{path} is damaged (it holds no mapping); run the command that made it again")
    return data


def _no_result(folder: Path) -> str:
    if not folder.is_dir():
        return f"there is no folder {str(folder)!r}; `parley list` shows what is stored"
    if (folder / "parts").is_dir():
        return f"{folder} is unfinished; run the command that began it again, and it goes on from where it stopped"
    return f"{folder} holds no result (no {MANIFEST}); `parley list` shows what is stored"


def play_missing(ensemble: Ensemble, folder: Path, play: Callable[[tuple[Part, ...]], None]) -> None:
    """Have the parts played that are not yet stored."""
    files = ensemble.files(folder)
    play(tuple(part for part in ensemble.parts if not files.stored(part)))


def _json(data: object) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
