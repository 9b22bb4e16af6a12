"""How a process that plays blocks treats the memory it frees."""

import ctypes
from functools import cache
from typing import Final

# Parameters of mallopt, from malloc.h of the GNU C library.
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
KEPT: Final = 2**28  # bytes that may lie free before the C library hands memory back
LARGEST: Final = 2**25  # bytes of an array that is taken from the memory kept; the most that the library lets one ask


@cache
def keep_freed() -> bool:
    """Keep what a block frees for the next one, where the C library can be told so; whether it was.

    By default it hands back arrays of megabytes at once, and every block gets its tables page by page from the system:
    with the search this fast, that took longer than to fill them.
    """
    try:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    except (OSError, TypeError):  # no C library to be found under no name
        return False
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT))
