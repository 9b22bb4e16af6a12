"""What the layout promises: who imports whom, what no module says, and how long a module may be."""

import ast
import re
import subprocess
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Low to high: a room imports only from itself and from rooms before it.
ROOMS = ("world", "theory", "engine", "store", "analysis", "report", "play", "cli")

# Library -> the only modules that may import it. A trailing dot means everything inside that room.
ONLY_IMPORTERS = {
    "numba": r"sim\.engine\.kernels\w*",
    "mesa": r"sim\.engine\.model",
    "pyarrow": r"sim\.store(\..*)?",
    "matplotlib": r"sim\.report(\..*)?",
    "starlette": r"sim\.play(\..*)?",
    "hydra": r"sim\.cli(\..*)?",
    "omegaconf": r"sim\.cli(\..*)?",
}

MOST_LINES = 400

# Stems, so that adjectives are found too. Journals are not countries.
COUNTRIES = (
    r"russia|ukrain|soviet|america(?!n (?:economic|journal|political|sociological|statistical))|united states|u\.s\.|"
    r"german(?:y|s)?\b|france\b|french\b|britain|british (?!journal)|united kingdom|europe|e\.u\.|\bnato\b|"
    r"poland\b|belarus|turkey\b|türkiye|china\b|chinese\b|iran\b|israel|saudi|crimea|donbas|donetsk|luhansk|kherson|"
    r"zaporizh|kursk|odes+a\b|mariupol|black sea|kyiv|kiev\b|moscow|kremlin|washington|white house|berlin\b|paris\b|"
    r"london\b|brussels|riyadh|jeddah|minsk\b|istanbul"
)
PERSONS = (
    r"putin|zelensk|trump\b|biden|vance\b|rubio|witkoff|kellogg|waltz\b|macron|scholz\b(?! ?(?:20|,|et|calbert))|"
    r"merz\b|starmer|lavrov|ushakov|peskov|dmitriev|medvedev|yermak|umerov|sybiha|syrskyi|"
    r"von der leyen|rutte\b|erdo[gğ]an|lukashenk|orb[aá]n\b"
)
NAMES_OF_THE_WAR = re.compile(rf"(?<![a-z])(?:{COUNTRIES}|{PERSONS})", re.IGNORECASE)

MACHINE_PATH = re.compile(r"(?<![\w.*~/])/(?:home|root|tmp|Users|work|mnt|opt)/\w")


def module_name(path: Path) -> str:
    """The dotted name of a file under sim/."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted((ROOT / "sim").rglob("*.py"))}
modules = pytest.mark.parametrize("module", FILES)


def imported(module: str) -> Iterator[str]:
    """Dotted names that a module imports, anywhere in it; `from a import b` gives a.b if that is a module, else a."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in FILES else base


def room(module: str) -> str | None:
    """The room that a module of sim belongs to; None for sim itself and the few modules directly in it."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / "sim" / parts[1]).is_dir() else None


@modules
def test_a_module_stands_in_a_known_room(module):
    assert room(module) in (None, *ROOMS), f"{module} is in a room that ROOMS does not place"


@modules
def test_a_room_imports_only_from_rooms_below_it(module):
    if room(module) is None:
        return  # sim/__init__.py and sim/__main__.py may reach anywhere; a cycle would show below
    above = set(ROOMS[ROOMS.index(room(module)) + 1 :])
    wrong = sorted(name for name in imported(module) if name.startswith("sim.") and room(name) in above)
    assert not wrong, f"{module} imports upwards: {', '.join(wrong)}"


def test_no_module_imports_itself_by_a_detour():
    graph = {module: {name for name in imported(module) if name in FILES and name != module} for module in FILES}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"imports go round in a circle: {' <- '.join(error.args[1])}")


@modules
def test_a_library_has_only_the_importers_it_may_have(module):
    libraries = {name.partition(".")[0] for name in imported(module)}
    wrong = sorted(
        library for library in libraries & ONLY_IMPORTERS.keys() if not re.fullmatch(ONLY_IMPORTERS[library], module)
    )
    assert not wrong, f"{module} may not import {', '.join(wrong)}"


@pytest.mark.parametrize(
    "text",
    [
        "Russia",
        "the Ukrainian side",
        "UKRAINE_ROLE",
        "American aid",
        "the French text",
        "black sea",
        "Zelenskyy",
        "putin's",
    ],
)
def test_the_search_for_names_finds_them(text):
    assert NAMES_OF_THE_WAR.search(text)


@pytest.mark.parametrize(
    "text",
    ["Journal of the American Statistical Association", "American Economic Review", "status", "Scholz 2011", "trumps"],
)
def test_the_search_for_names_passes_what_is_none(text):
    assert not NAMES_OF_THE_WAR.search(text)


@modules
def test_no_module_names_a_country_or_a_person(module):
    lines = FILES[module].read_text(encoding="utf-8").splitlines()
    found = [f"line {number}: {line.strip()}" for number, line in enumerate(lines, 1) if NAMES_OF_THE_WAR.search(line)]
    assert not found, f"{module} names a country or a person; that belongs in scenarios/ or seeds/: {found}"


@modules
def test_a_module_is_short_enough_to_read(module):
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@modules
def test_a_module_says_what_it_is_for(module):
    assert ast.get_docstring(ast.parse(FILES[module].read_text(encoding="utf-8")))


def test_every_work_cited_is_in_the_bibliography():
    listed = set(re.findall(r"\*\*\[(\w+)\]\*\*", (ROOT / "docs/bibliography.md").read_text(encoding="utf-8")))
    cited = {
        (key, module)
        for module, path in FILES.items()
        for key in re.findall(r"\[([A-Z]\w*\d{4}[a-z]?)\]_", path.read_text(encoding="utf-8"))
    }
    missing = sorted(f"{key} (in {module})" for key, module in cited if key not in listed)
    assert not missing, f"not in docs/bibliography.md: {', '.join(missing)}"


def test_nothing_mentions_a_path_of_one_machine():
    if not (ROOT / ".git").exists():
        pytest.skip("git knows which files belong to the project, and this is no git checkout")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    found = []
    for path in (ROOT / name for name in names if name):
        # A file may be deleted but not yet committed; pictures hold no text.
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            lines = content.decode("utf-8").splitlines()
            found += [
                f"{path.relative_to(ROOT)}:{n}: {line}" for n, line in enumerate(lines, 1) if MACHINE_PATH.search(line)
            ]
    assert not found, found
