"""Gives memory back between surveys, because the program runs for months beside others, under a limit."""

import ctypes
import gc

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_TRIM_THRESHOLD_BYTES = 4 * 1024 * 1024
_MMAP_THRESHOLD_BYTES = 4 * 1024 * 1024


def return_freed_memory() -> None:
    """
    Makes glibc use one arena and return freed memory at once. Without glibc, it does nothing.

    By default each thread gets an arena of its own and keeps what it once needed: with 3,000 instances that came to
    170 MB after 25 surveys, instead of 105 (`make bench`). Buffers of up to 4 MiB, such as the pieces of a scrape, are
    reused, because fetching them from the kernel each time made a scrape take half as long again. See `mallopt(3)`.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _MMAP_THRESHOLD_BYTES)


def spare_what_stays() -> None:
    """
    Excludes everything made so far, above all boto3's models, from garbage collection, because it stays anyway.

    Otherwise each collection would walk through it, for some 50 ms in which no survey and no scrape continues.
    """
    gc.collect()
    gc.freeze()
