"""How often Python looks for garbage; looking through what was loaded at the start is in vain, for it stays as long as the process."""

import gc


def set_apart(*, youngest: int) -> None:
    """Keep what is loaded now out of every later search, and search only after `youngest` new objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(youngest, 20, 20)
