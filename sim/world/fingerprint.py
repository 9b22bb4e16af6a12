"""A fingerprint of data: two things share it if and only if nothing that can change a row differs."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass


def digest(thing: object) -> str:
    """SHA-256, in hexadecimal, of everything in a tree of dataclasses except the fields marked SHOWN."""
    return hashlib.sha256(canonical(thing).encode()).hexdigest()


def canonical(thing: object) -> str:
    """One line that says the same for the same data.

    Numbers are written with all their digits. The keys of a mapping are names, which can change no row; what is
    under them carries its own address, so the values are sorted by what they say.
    """
    if is_dataclass(thing) and not isinstance(thing, type):
        kept = [f.name for f in fields(thing) if not f.metadata.get("shown")]
        return f"{type(thing).__name__}({','.join(f'{name}={canonical(getattr(thing, name))}' for name in kept)})"
    if isinstance(thing, Mapping):
        return "{" + ",".join(sorted(canonical(value) for value in thing.values())) + "}"
    if isinstance(thing, frozenset):
        return "{" + ",".join(sorted(canonical(value) for value in thing)) + "}"
    if isinstance(thing, tuple):
        return "(" + ",".join(canonical(value) for value in thing) + ")"
    if isinstance(thing, bool | int | float | str) or thing is None:
        return repr(float(thing)) if isinstance(thing, float) else repr(thing)
    raise TypeError(f"nothing says how to fingerprint a {type(thing).__name__}; add it here")
