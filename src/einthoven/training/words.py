"""The tokenizer of a run: learned once, by one process, and kept beside the run's state.

The same texts give the same one again; it is kept all the same, so that a run goes on when what learns it has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer

from einthoven.ecg import FileError
from einthoven.ecg.moving import move
from einthoven.training.distributed import first_alone
from einthoven.training.state import FILE as STATE

FILE = "tokenizer.json"

Keep = Callable[[Callable[[], Tokenizer]], Tokenizer]
"""From what learns a tokenizer to the one that is used."""


def learned(learn: Callable[[], Tokenizer]) -> Tokenizer:
    """A tokenizer that nothing else depends on: learned, and not kept."""
    return learn()


def keep_in(out: Path, device: str = "cpu") -> Keep:
    """What keeps a run's tokenizer in its folder, which all of its processes see: the first process learns it and the
    others read it; a run that goes on takes the one that its state was trained with.

    Raises:
        FileError: when it is called: the tokenizer cannot be written, or read again.
    """
    path = out / FILE

    def keep(learn: Callable[[], Tokenizer]) -> Tokenizer:
        def write() -> None:
            if not ((out / STATE).exists() and path.exists()):
                _write(path, learn().to_str())

        first_alone(write, device)
        return _read(path)

    return keep


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8")
        move(new, path)
    except OSError as fault:
        new.unlink(missing_ok=True)
        raise FileError(f"The tokenizer cannot be written to {path.parent} ({fault}).", "Make room there.") from None


def _read(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise FileError(
            f"{path} cannot be read ({fault}).", "Let --out lie on a file system that all processes see."
        ) from None
    except Exception as fault:  # the library raises nothing narrower
        if type(fault) is not Exception and not isinstance(fault, ValueError):
            raise
        raise FileError(f"{path} is damaged ({fault}).", "Delete the run's folder to train from the start.") from None
