"""Floor 7: the command line, a thin shell over the same functions that Python users call."""

from einthoven.cli.main import main

__all__ = ["main"]
