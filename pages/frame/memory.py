"""Keeps the process small on hosts that give it 1 GB: what was freed goes back to the system.

Each run of a page is a thread of its own, and glibc gives threads arenas of their own, whose free pages it keeps. Two arenas are
enough where one run goes at a time, and blocks of a megabyte or more, as tables of tensors are, are mapped and unmapped one by one.
"""

import ctypes
import sys
from contextlib import suppress

_ARENAS, _MAPPED_FROM = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h
MOST_ARENAS, MAPPED_FROM = 2, 2**20


def keep_small() -> None:
    """Before threads are started. Elsewhere than with glibc nothing happens."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(_ARENAS, MOST_ARENAS)
            libc.mallopt(_MAPPED_FROM, MAPPED_FROM)


def give_back() -> None:
    """After a lot was made once: free pages in between go back too."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
