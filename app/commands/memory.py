"""The garbage collector of a process that serves."""

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 100
"""Allocations, and collections of the generation before, after which a generation is collected."""


def keep_collections_short() -> None:
    """What is loaded at the start stays: it is set aside, and no collection walks through it again.

    Without this a full collection stops every request for hundreds of milliseconds (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
