"""A Cardio Query Assistant as a file: which sources, which models, how many passages, which prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from einthoven.ecg import FileError, MissingPackageError, UsageError
from einthoven.llm.choice import open_at
from einthoven.llm.endpoint import Endpoint
from einthoven.llm.local import Local

T = TypeVar("T")
_MEND = "Compare it with configs/cqa_paper.yaml."
_WORDS = {str: "a text", int: "a whole number"}


@dataclass(frozen=True)
class Source:
    """A book or guideline that the user owns; `file` is its path, None until one is given."""

    title: str
    author: str | None = None
    year: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class ModelAt:
    """A model: `url` is an endpoint's address, or the path of a .gguf file, which needs no `model`."""

    url: str
    model: str | None = None
    key_from: str | None = None

    def open(self, allow_remote: bool = False, embeds: bool = False) -> Endpoint | Local:
        """The model itself; a remote one needs the consent of who runs this, which no file can give.

        Raises:
            RemoteError: a remote one without consent.
            EinthovenError: what else `open_at` refuses.
        """
        return open_at(self.url, self.model, self.key_from, allow_remote, embeds)


@dataclass(frozen=True)
class AssistantSettings:
    """Settings of a Cardio Query Assistant.

    Args:
        sources: what is searched.
        embedding: the model that passages and questions are compared by; None for the one that comes with Einthoven.
        chat: the model that puts passages into words; None for sentences quoted as they stand.
        k: passages a condition.
        prompt: the question, with {condition} once.
    """

    sources: tuple[Source, ...]
    embedding: ModelAt | None = None
    chat: ModelAt | None = None
    k: int = 2
    prompt: str = "How is {condition} reflected in 12-lead ECG?"

    def __post_init__(self) -> None:
        if not self.sources:
            raise UsageError("The settings name no source.", _MEND)
        if not 1 <= self.k <= 20:
            raise UsageError(f"k = {self.k} passages cannot be meant.", "Choose 1 to 20.")
        if self.prompt.count("{condition}") != 1:
            raise UsageError("The prompt does not hold {condition} exactly once.", _MEND)

    def question(self, condition: str) -> str:
        """The prompt for one condition, whose own braces mean nothing."""
        return self.prompt.replace("{condition}", condition)

    def files(self, beside: Path) -> tuple[Path, ...]:
        """The sources' files, relative paths from the folder `beside`.

        Raises:
            UsageError: a source without a file; the message names all of them.
            FileError: one that is not there.
        """
        lacking = [f'"{one.title}"' for one in self.sources if one.file is None]
        if lacking:
            raise UsageError(
                f"Nobody has said where {' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'}.",
                "Put the path of your own copy into the settings, as file.",
            )
        paths = tuple(beside / one.file for one in self.sources if one.file is not None)
        for path in paths:
            if not path.is_file():
                raise FileError(f"There is no source {path}.", "Correct its path in the settings.")
        return paths


def read_assistant(path: Path) -> AssistantSettings:
    """The settings in a YAML file; a model's own relative path is taken from the folder that the file is in.

    Raises:
        UsageError: no such file, not YAML, an unknown or lacking setting, or one of another type.
        MissingPackageError: PyYAML is not installed.
    """
    values = _yaml(path)
    values = dict(_table(values, "the file"))
    sources = values.get("sources")
    if not isinstance(sources, list):
        raise UsageError("sources is no list.", _MEND)
    values["sources"] = tuple(_made(Source, one, f"sources[{place}]") for place, one in enumerate(sources))
    for name in ("embedding", "chat"):
        if values.get(name) is not None:
            values[name] = _beside(path, _made(ModelAt, values[name], name))
    return _made(AssistantSettings, values, "")


def read_model(path: Path) -> ModelAt:
    """The one model in a YAML file: url, model, key_from, such as those in configs/llm/.

    A relative path of a .gguf file is taken from the folder that the YAML file is in.

    Raises:
        UsageError: no such file, not YAML, an unknown or lacking setting, or one of another type.
        MissingPackageError: PyYAML is not installed.
    """
    values = _yaml(path)
    if isinstance(values, dict) and "sources" in values:
        raise UsageError(f"{path} is of a whole assistant, not of one model.", "Give it as --config to describe.")
    return _beside(path, _made(ModelAt, values, ""))


def _beside(settings: Path, at: ModelAt) -> ModelAt:
    return at if "://" in at.url else replace(at, url=str(settings.parent / at.url))


def _yaml(path: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingPackageError(
            "Settings in YAML need PyYAML.", "Install it: pip install 'einthoven[llm]'."
        ) from None
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"There is no settings file {path}.", "See configs/ for those that ship.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"{path} is not YAML.", _MEND) from None
    return values


def _table(values: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(values, dict):
        raise UsageError(f"{where} is no table of settings.", _MEND)
    return values


def _made(kind: type[T], values: Any, where: str) -> T:
    """A dataclass from a table whose texts and numbers are checked; what it is made of already passes."""
    table, prefix = _table(values, where), f"{where}." if where else ""
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    for name in table:
        if name not in known:
            raise UsageError(f"Unknown setting {prefix}{name}.", f"Known: {', '.join(known)}.")
    for name, one in known.items():
        if name not in table and one.default is MISSING:
            raise UsageError(f"The setting {prefix}{name} is lacking.", _MEND)
    for name, value in table.items():
        allowed = get_args(hints[name]) or (hints[name],)
        plain = next((one for one in _WORDS if one in allowed), None)
        empty = value is None and type(None) in allowed
        if plain is not None and not empty and type(value) is not plain:
            raise UsageError(f"{prefix}{name} is {_WORDS[plain]}, not of type {type(value).__name__}.", _MEND)
    return kind(**table)
