"""Whether there is memory enough, asked before the work and not in the middle of it."""

from __future__ import annotations

import os
from contextlib import suppress

from emojify.errors import EnvironmentFault


def require(needed: int, what: str, remedy: str) -> None:
    """Make sure that this machine has so much memory, and lets this process have it.

    Args:
        needed: bytes, at least.
        what: what they are for.
        remedy: what to do if they are more than there are.

    Raises:
        EnvironmentFault: they are.
    """
    most = _most()
    if most is not None and needed > most:
        raise EnvironmentFault(
            f"found {what}, which takes {_gigabytes(needed)} of memory; expected no more than "
            f"{_gigabytes(most)}, which this process may have; {remedy}"
        )


def _most() -> int | None:
    """Return the bytes that this process can have at most, or ``None`` if that is not known."""
    limits = []
    with suppress(OSError, ValueError, AttributeError):  # other systems than POSIX
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(ImportError):
        import resource

        limits.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    return min((limit for limit in limits if limit > 0), default=None)  # -1 is no limit


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
