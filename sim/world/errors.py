"""The errors of this room, and the nearest name for a misspelt one."""

import difflib
from collections.abc import Iterable


class ScenarioError(ValueError):
    """A scenario cannot be played as written.

    `message` says what is wrong and what to do; `where` says in which file, on which line and at which
    path, and is empty until something that has read a file fills it in; `path` tells it where to look.
    """

    def __init__(self, message: str, where: str = "", path: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        self.path = path


class ClaimError(ValueError):
    """A file of claims says something impossible, or is cited for something it does not say."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of an error message about the unknown name `word`: the nearest known name, else all of them."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose one of: {', '.join(names)}" if names else "there is none to choose from"
