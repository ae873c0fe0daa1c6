"""Models that others wrote: any Python object that turns ECGs into vectors, judged like a checkpoint."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.ecg import ECG, EinthovenError, Floats, ModelError, UsageError
from einthoven.models import load_model
from einthoven.retrieval import EmbeddingModel, ForeignModel

_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_HASH = re.compile(r"[0-9a-f]{64}")

Similarity = Callable[[Sequence[ECG], Sequence[str]], Floats]
"""ECGs (n) and texts (t) to how well each fits each, (n, t), finite; higher is better."""


class Adapted(ForeignModel):
    """An object with `embed(ecgs) -> (n, d)`; `original` is the object itself."""

    def __init__(self, original: Any, name: str, sha256: str) -> None:
        super().__init__(self._own, name, sha256)
        self.original = original

    def _own(self, ecgs: Sequence[ECG]) -> object:
        return _of_user(self.original.embed, self.name, ecgs)


def adapt(original: Any, name: str = "") -> EmbeddingModel:
    """An object as a model that can be judged: itself if it offers all that a model does, else its `embed`.

    Its hash is `original.sha256` if it has one, else that of the source file of its class, which knows no weights.

    Raises:
        ModelError: it has no `embed`, or no source file and no `sha256`.
    """
    said = str(name or getattr(original, "name", type(original).__name__))
    if not callable(getattr(original, "embed", None)):
        raise ModelError(f"{said} has no method embed(ecgs).", "See docs/adapter.md for an adapter of ten lines.")
    own = getattr(original, "sha256", None)
    if isinstance(own, str) and _HASH.fullmatch(own):
        if all(hasattr(original, part) for part in ("name", "codes", "run", "notices")):
            return original  # type: ignore[no-any-return]
        return Adapted(original, said, own)
    return Adapted(original, said, _hash_of_source(original, said))


def open_judged(name: str | None) -> EmbeddingModel:
    """A checkpoint (the bundled one, a folder, or a hub name), or `module:object` of the user's own.

    For the latter the module is imported, from the working folder or wherever Python finds it: its code is run.
    The object is a model, or a class or function without arguments that makes one.

    Raises:
        ModelError: there is no such checkpoint, or no such object, or its module fails.
    """
    if name is None or not _NAMED.fullmatch(name) or Path(name).exists():
        return load_model(name)
    return adapt(_imported(name), name)


def similarity_of(model: EmbeddingModel) -> Similarity:
    """What a model with a text tower offers for ECGs and texts.

    Raises:
        ModelError: it has none.
    """
    judged = getattr(model, "original", model)
    found = getattr(judged, "similarity", None)
    if not callable(found) or getattr(judged, "text", found) is None:
        raise ModelError(
            f"{model.name} has no text tower: it cannot tell how well a description fits an ECG.",
            "Name a model with similarity(ecgs, texts) -> (n, t): --model module:object, see docs/adapter.md.",
        )

    def similarity(ecgs: Sequence[ECG], texts: Sequence[str]) -> Floats:
        given = np.asarray(_of_user(found, model.name, ecgs, texts), np.float64)
        if given.shape != (len(ecgs), len(texts)) or not np.isfinite(given).all():
            raise ModelError(
                f"{model.name} gives similarities of shape {given.shape} for {len(ecgs)} ECGs and {len(texts)} texts, "
                "or some that are not finite.",
                "One finite number for each ECG and text is needed.",
            )
        return given

    return similarity


def _of_user(function: Callable[..., object], name: str, *given: object) -> object:
    """What the user's code returns; its failures as errors that say whose they are."""
    try:
        return function(*given)
    except EinthovenError:
        raise
    except Exception as fault:
        raise ModelError(f"{name} failed ({type(fault).__name__}: {fault}).", "Try it on one ECG by itself.") from fault


def _imported(name: str) -> Any:
    where, _, what = name.partition(":")
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(where), what)
        if inspect.isclass(found) or not hasattr(found, "embed"):
            found = found()
    except EinthovenError:
        raise
    except Exception as fault:
        raise ModelError(
            f"{name} cannot be made ({type(fault).__name__}: {fault}).",
            "Name a module that Python finds, and an object in it, or a class or function without arguments.",
        ) from fault
    finally:
        if added:
            sys.path.remove(here)
    return found


def _hash_of_source(original: Any, name: str) -> str:
    try:
        file = inspect.getsourcefile(type(original))
        code = Path(file or "").read_bytes()
    except (TypeError, OSError):
        raise ModelError(
            f"Nothing tells {name} from other models.", "Give it an attribute sha256: 64 hexadecimal digits."
        ) from None
    return hashlib.sha256(name.encode() + b"\n" + code).hexdigest()


def check_different(models: Sequence[EmbeddingModel]) -> None:
    """Refuses a model that is there twice.

    Raises:
        UsageError: it is.
    """
    if len({model.sha256 for model in models}) < len(models):
        raise UsageError("A model is to be compared with itself.", "Name each model once.")
