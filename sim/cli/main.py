"""The command `parley`: finds the sub-command, and turns what a user did wrong into one message and exit code 2."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from sim.cli.arguments import USER_ERROR, read

INTERRUPTED: Final = 130  # what a shell reports for Ctrl-C
AFTERWARDS: Final = {
    "run": "finished parts are kept, and the same command goes on from there",
    "figures": "the same command draws all of them again",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say. Returns 0, or raises SystemExit: 2 for what the user did wrong, 130 for Ctrl-C."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _obey(arguments)
        sys.stdout.flush()  # a reader that has gone is noticed here, not after the end
    except KeyboardInterrupt:
        print(f"interrupted; {AFTERWARDS.get(arguments[0], 'nothing was saved')}", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. What is still buffered goes nowhere instead of failing again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    return code


def _obey(arguments: list[str]) -> int:
    if arguments[:1] != ["run"]:
        parsed = read(arguments)
    # Worker processes import this module too, and have no use for what is imported from here on.
    from sim.cli.errors import USER_ERRORS

    try:
        if arguments[:1] == ["run"]:  # its arguments are settings, which Hydra reads
            from sim.cli.run import run

            return run(arguments[1:])
        return int(parsed.load()(parsed))
    except USER_ERRORS as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(USER_ERROR) from None


if __name__ == "__main__":
    sys.exit(main())
