"""A drawing measured from its SVG text, by a reader of its own."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS

SVG = "{http://www.w3.org/2000/svg}"
TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")


def _subpaths(d: str) -> list[np.ndarray]:
    """Corner points (points, 2) of each subpath; knows M, l, h, v, z."""
    tokens = TOKEN.findall(d)
    assert "".join(tokens) == re.sub(r"\s", "", d), "something in the path is not a number or a command"
    found: list[list[tuple[float, float]]] = []
    x = y = 0.0
    command, i = "", 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command, i = tokens[i], i + 1
        if command == "M":
            x, y, i = float(tokens[i]), float(tokens[i + 1]), i + 2
            found.append([])
        elif command == "l":
            x, y, i = x + float(tokens[i]), y + float(tokens[i + 1]), i + 2
        elif command == "h":
            x, i = x + float(tokens[i]), i + 1
        elif command == "v":
            y, i = y + float(tokens[i]), i + 1
        elif command == "z":
            command = ""
            continue
        else:
            raise AssertionError(f"unexpected command {command}")
        found[-1].append((x, y))
    return [np.array(points) for points in found]


@dataclass
class Drawing:
    """What a ruler finds: everything in millimetres of the page."""

    text: str
    width: float
    height: float
    traces: list[tuple[str, float, list[np.ndarray]]] = field(default_factory=list)
    second: list[tuple[str, float, list[np.ndarray]]] = field(default_factory=list)
    marks: dict[str, list[tuple[str, list[np.ndarray]]]] = field(default_factory=dict)
    words: list[tuple[float, float, float, str, str]] = field(default_factory=list)
    labels: list[tuple[str, float, float, str]] = field(default_factory=list)
    parts: dict[str, list[list[np.ndarray]]] = field(default_factory=dict)
    grid: dict[str, list[np.ndarray]] = field(default_factory=dict)
    header: str = ""
    footer: str = ""
    footer_lines: list[tuple[float, str]] = field(default_factory=list)

    def trace(self, lead: str, which: int = 0) -> np.ndarray:
        """The only subpath of the cell `which` of a lead."""
        cells = [subpaths for name, _, subpaths in self.traces if name == lead]
        (points,) = cells[which]
        return points

    def over(self, lead: str, which: int = 0) -> np.ndarray:
        """As `trace`, of the second ECG."""
        (points,) = [subpaths for name, _, subpaths in self.second if name == lead][which]
        return points

    def everything(self) -> np.ndarray:
        """The corners (points, 2) of all paths, and both ends of all words at 0.55 font sizes a letter."""
        found = [points for d in re.findall(r' d="([^"]*)"', self.text) if d for points in _subpaths(d)]
        shifts = {"start": 0.0, "middle": 0.5, "end": 1.0}
        for x, y, size, anchor, text in self.words:
            wide = 0.55 * size * len(text)
            left = x - shifts[anchor] * wide
            found.append(np.array([(left, y - 0.7 * size), (left + wide, y)]))
        return np.concatenate(found)

    def label(self, lead: str, which: int = 0) -> tuple[float, float, str]:
        return [(x, y, text) for name, x, y, text in self.labels if name == lead][which]


def _drawing(svg: str) -> Drawing:
    root = ET.fromstring(svg)
    width, height = root.get("width", ""), root.get("height", "")
    assert width.endswith("mm") and height.endswith("mm")
    found = Drawing(svg, float(width[:-2]), float(height[:-2]))
    assert [float(n) for n in root.get("viewBox", "").split()] == [0, 0, found.width, found.height]
    for element in root.iter():
        if "transform" in element.attrib:
            raise AssertionError("a transform would hide the millimetres")
        if lead := element.get("data-lead"):
            start = float(element.get("data-start", "nan"))
            found.traces.append((lead, start, _subpaths(element.get("d", ""))))
        elif lead := element.get("data-over"):
            start = float(element.get("data-start", "nan"))
            found.second.append((lead, start, _subpaths(element.get("d", ""))))
        elif name := element.get("data-label"):
            x, y = float(element.get("x", "nan")), float(element.get("y", "nan"))
            found.labels.append((name, x, y, "".join(element.itertext())))
        elif pitch := element.get("data-pitch"):
            found.grid[pitch] = _subpaths(element.get("d", ""))
        elif (part := element.get("data-part")) in ("marks", "second-marks"):
            lines = [(str(line.get("data-mark")), _subpaths(line.get("d", ""))) for line in element.iter(f"{SVG}path")]
            found.marks[str(part)] = [line for line in lines if line[0] != "None"]
        elif part in ("calibration", "separator", "swatch"):
            found.parts.setdefault(str(part), []).append(_subpaths(element.get("d", "")))
        elif part == "header":
            found.header = " ".join("".join(t.itertext()) for t in element.iter(f"{SVG}text"))
        elif part == "footer":
            found.footer_lines = [(float(t.get("y", "nan")), "".join(t.itertext())) for t in element.iter(f"{SVG}text")]
            found.footer = " ".join(text for _, text in found.footer_lines)
    _gather_words(root, {}, found.words)
    return found


def _gather_words(
    element: ET.Element, outer: dict[str, str], found: list[tuple[float, float, float, str, str]]
) -> None:
    look = outer | {name: element.attrib[name] for name in ("font-size", "text-anchor") if name in element.attrib}
    if element.tag == f"{SVG}text":
        x, y = float(element.get("x", "nan")), float(element.get("y", "nan"))
        found.append((x, y, float(look["font-size"]), look.get("text-anchor", "start"), "".join(element.itertext())))
    for child in element:
        _gather_words(child, look, found)


@pytest.fixture(scope="session")
def measured() -> Callable[[str], Drawing]:
    """Reads an SVG text into a `Drawing`."""
    return _drawing


@pytest.fixture(scope="session")
def steps() -> Callable[..., ECG]:
    """An ECG whose lead number k (from 1) is a step from 0 to k/10 mV at 1 s and back at 2 s, and so on."""

    def build(seconds: float = 10, rate: float = 500, **more: Any) -> ECG:
        time = np.arange(round(seconds * rate)) / rate
        wave = (np.floor(time) % 2).astype(np.float32)
        return ECG(np.stack([wave * (k + 1) / 10 for k in range(12)]), rate, LEADS, **more)

    return build


def _farthest(samples: np.ndarray, line: np.ndarray) -> float:
    starts, steps = line[:-1], np.diff(line, axis=0)
    lengths = (steps**2).sum(axis=1).clip(min=1e-12)  # a step of no length is a point
    worst = 0.0
    for sample in samples:
        along = np.clip(((sample - starts) * steps).sum(axis=1) / lengths, 0, 1)
        feet = starts + along[:, None] * steps
        worst = max(worst, float(np.hypot(*(feet - sample).T).min()))
    return worst


@pytest.fixture(scope="session")
def farthest() -> Callable[[np.ndarray, np.ndarray], float]:
    """The largest distance from samples (n, 2) to a polyline (m, 2), by brute force over its segments."""
    return _farthest
