"""The one way in which a language model is named: an address, a GGUF file, or a YAML file that names either."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import UsageError
from einthoven.llm.choice import open_at
from einthoven.llm.config import read_model
from einthoven.llm.endpoint import Endpoint
from einthoven.llm.local import Local

SETTINGS = (".yaml", ".yml")


def open_llm(
    where: str,
    model: str | None = None,
    key_from: str | None = None,
    allow_remote: bool = False,
    embeds: bool = False,
) -> Endpoint | Local:
    """The language model that `where` names.

    Args:
        where: an endpoint's address, the path of a .gguf file, or of a .yaml file with `url`, `model` and `key_from`,
            such as those in configs/llm/.
        model: the endpoint's model; files name their own.
        key_from: the environment variable that holds the endpoint's key; a .yaml file names its own.
        allow_remote: whether the endpoint may be on another machine. No file can say so.
        embeds: whether a .gguf file is opened for embeddings, too; an endpoint needs no telling.

    Raises:
        UsageError: no address, .gguf or .yaml; an address without a model; a file that is given a model or key beside.
        MissingPackageError: a .yaml file without PyYAML.
        EinthovenError: what `Endpoint` and `Local` refuse.
    """
    if "://" in where or Path(where).suffix.lower() not in SETTINGS:
        return open_at(where, model, key_from, allow_remote, embeds)
    if model is not None or key_from is not None:
        raise UsageError(f"{where} names the model and its key already.", "Leave out the model's name and its key.")
    return read_model(Path(where)).open(allow_remote, embeds)
