"""What reading one file may cost, and how the system is made to hold it to that."""

from __future__ import annotations

import contextlib
import signal
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost.

    Args:
        cpu_s: seconds of processor time.
        wall_s: seconds on the clock. More than `cpu_s`, for a file on a slow drive, or a machine with other work to
            do, is not hostile.
        memory: bytes of address space beyond what the readers themselves take. Linux alone can bound them; elsewhere
            only the readers' own limits hold.
        judged_s: seconds of a recording up to which `quality.assess` judges it as well, within the same limits; longer
            ones are left to the caller to judge.
    """

    cpu_s: float = 2.0
    wall_s: float = 10.0
    memory: int = 512 * 2**20
    judged_s: float = 300.0


if sys.platform == "win32":
    ISOLATED = False

    def confine(limits: Limits) -> None:
        """Nothing: this system has no such limits."""

    def arm(limits: Limits) -> None:
        """Nothing: this system has no such limits."""

    def most_memory() -> int:
        """Not known on this system."""
        return 0

else:
    import resource

    ISOLATED = True
    _BACKSTOP_S = 2

    def confine(limits: Limits) -> None:
        """Bounds this process's memory for good; it can write no file and leaves no image of its memory."""
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
        if taken := _address_space():
            _lower(resource.RLIMIT_AS, taken + limits.memory)

    def arm(limits: Limits) -> None:
        """Gives this process `cpu_s` from now on; the system ends it when they are spent."""
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + limits.cpu_s) + _BACKSTOP_S, soft_only=True)

    def most_memory() -> int:
        """The most bytes of memory that this process ever held."""
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def _lower(which: int, to: int, soft_only: bool = False) -> None:
        hard = resource.getrlimit(which)[1]
        to = to if hard == resource.RLIM_INFINITY else min(to, hard)
        with contextlib.suppress(ValueError, OSError):  # a system that has the name but not the limit
            resource.setrlimit(which, (to, hard if soft_only else to))

    def _address_space() -> int:
        """Bytes of address space in use; 0 where the system does not say, as macOS, which bounds none either."""
        try:
            return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        except (OSError, ValueError):
            return 0
