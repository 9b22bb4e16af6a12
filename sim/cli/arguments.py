"""The arguments of every command, with examples, and which function answers it, imported only when it is asked."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

import sim
from sim.world.errors import nearest

USER_ERROR: Final = 2
Command = Callable[[argparse.Namespace], int]

OVERVIEW: Final = """commands
  run       play a scenario many times, save every run, say what came out
  replay    read one run of a stored result like minutes
  check     is a scenario sound, what do its numbers rest on, who would sign what
  new       write a commented scenario to start from
  list      show the scenarios there are, and the results that are stored
  compare   play two scenarios with the same luck and show what differs
  figures   draw the figures of a stored result anew

examples
  parley run
  parley run scenario=orange runs=2000 seed=7
  parley check orange

`parley COMMAND --help` says more. What parley computes is a model, not a forecast."""


class Parser(argparse.ArgumentParser):
    """As argparse's, but its errors look like ours: one message, and where help is."""

    @property
    def options(self) -> tuple[str, ...]:
        """Every option it knows, as it is typed."""
        return tuple(name for action in self._actions for name in action.option_strings)

    def error(self, message: str) -> NoReturn:
        """See argparse.ArgumentParser."""
        stop = "" if message.endswith("?") else ";"
        print(f"error: {message}{stop} `{self.prog} --help` shows how", file=sys.stderr)
        raise SystemExit(USER_ERROR)


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of everything but `parley run`, read; leaves with one message where they cannot be.

    Changes of `parley compare` may stand after its options, where argparse takes no more of them.
    """
    top = parser()
    commands = tuple(_commands(top))
    name = arguments[0] if arguments else ""
    if name and not name.startswith("-") and name not in commands:
        top.error(f"there is no command {name!r}; {nearest(name, commands)}")
    if name.startswith("-") and name not in top.options:
        top.error(f"there is no option {name!r}; {nearest(name, top.options)}")
    found, left = top.parse_known_args(arguments)
    asked = _commands(top)[found.command]
    for word in left:
        if word.startswith("-"):
            asked.error(f"there is no option {word!r}; {nearest(word, asked.options)}")
    if found.command == "compare":
        found.others += left
    elif left:
        hint = f"; write --changes {left[0]}" if found.command == "check" and "=" in left[0] else ""
        asked.error(f"{left[0]!r} is one argument too many{hint}")
    return found


def _commands(top: Parser) -> dict[str, Parser]:
    actions = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(actions[0].choices)


def parser() -> Parser:
    """The parser of everything but `parley run`, whose arguments are settings."""
    top = Parser(
        prog="parley",
        usage="parley COMMAND ...",
        description="Play mediated negotiations many times over and count how they end.",
        epilog=OVERVIEW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"parley {sim.__version__}")
    commands = top.add_subparsers(
        prog="parley", metavar="COMMAND", dest="command", required=True, help=argparse.SUPPRESS
    )

    def add(name: str, description: str, examples: str, load: Callable[[], Command]) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(
            name,
            description=description,
            epilog=f"examples\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(load=load)
        return added

    add("run", "Play a scenario many times; `parley run --help` lists the settings.", "  parley run", _nothing)
    _add_replay(add)
    _add_check(add)
    _add_compare(add)
    new = add("new", "Write a small commented scenario to start from.", "  parley new my.yaml", _new)
    new.add_argument("file", metavar="FILE", help="a new file, ending in .yaml")
    show = add(
        "list",
        "Show the scenarios there are, and the results that are stored.",
        "  parley list\n  parley list other/results",
        _list,
    )
    show.add_argument("folder", metavar="DIR", nargs="?", help="folder of results (default: results)")
    figures = add("figures", "Draw the figures of a stored result anew.", "  parley figures results/NAME", _figures)
    figures.add_argument("folder", metavar="DIR", help="folder of a result, as `parley run` printed it")
    return top


Add = Callable[[str, str, str, Callable[[], Command]], argparse.ArgumentParser]


def _add_replay(add: Add) -> None:
    replay = add(
        "replay",
        "Play one run of a stored result again and read it like minutes: each text, each answer with its reason.",
        "  parley replay results/NAME --run 7",
        _replay,
    )
    replay.add_argument("folder", metavar="DIR", help="folder of a result, as `parley run` printed it")
    replay.add_argument("--run", metavar="N", type=int, required=True, help="number of the run, from 0")


def _add_check(add: Add) -> None:
    check = add(
        "check",
        "Read a scenario and say what is wrong with it. If nothing is, print the register of its numbers (range,\n"
        "grade, claims) and the answers at the opening: who would sign each named text, and if not, why not.",
        "  parley check orange\n  parley check my.yaml --csv register.csv\n"
        "  parley check march_2025 --flip C07 C20\n"
        "  parley check my.yaml --runs 2000 --changes parties.PARTY.firmness=0.1 signers.all_of=[PARTY,PARTY]",
        _check,
    )
    check.add_argument("scenario", metavar="SCENARIO", help="a name, or a path to a file ending in .yaml")
    _add_draws(check, "draws of the numbers for the answers")
    check.add_argument("--csv", metavar="FILE", help="write the register there as well")
    check.add_argument(
        "--changes", metavar="PATH=VALUE", nargs="+", default=[], help="numbers of the scenario to change"
    )
    check.add_argument(
        "--flip",
        metavar="CLAIM",
        nargs="+",
        default=[],
        help="claims to turn round, one at a time: the answers again, every number that rests on the claim mirrored",
    )


def _add_compare(add: Add) -> None:
    compare = add(
        "compare",
        "Play two scenarios, or one with and without changes, with the same luck run by run, and show what differs.",
        "  parley compare SCENARIO OTHER_SCENARIO\n  parley compare SCENARIO parties.PARTY.cost=0.4\n"
        "  parley compare SCENARIO OTHER_SCENARIO --runs 5000 --seed 2 --mediator hill_climb_nash",
        _compare,
    )
    compare.add_argument("base", metavar="BASE", help="the scenario compared with")
    compare.add_argument("others", metavar="OTHER|PATH=VALUE", nargs="+", help="the other scenario, and changes to it")
    _add_draws(compare, "runs of each")
    compare.add_argument("--mediator", metavar="NAME", help="mediator of both (default: hill_climb)")


def _add_draws(to: argparse.ArgumentParser, what: str) -> None:
    to.add_argument("--runs", metavar="N", type=int, default=10_000, help=f"{what} (default: 10000)")
    to.add_argument("--seed", metavar="N", type=int, default=1, help="seed of the draws (default: 1)")


# Each command is imported when it is asked for: `parley --help` and worker processes have no use for any of them.
def _nothing() -> Command:
    raise AssertionError("`run` is answered before arguments are parsed")


def _replay() -> Command:
    from sim.cli.replay import replay

    return replay


def _check() -> Command:
    from sim.cli.check import check

    return check


def _new() -> Command:
    from sim.cli.new import new

    return new


def _list() -> Command:
    from sim.cli.listing import show

    return show


def _compare() -> Command:
    from sim.cli.compare import compare

    return compare


def _figures() -> Command:
    from sim.cli.drawing import figures

    return figures
