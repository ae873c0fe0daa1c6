"""Paragraphs set in a column, in millimetres: how high they are, and as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from einthoven.paper.svg import clean, mm
from einthoven.paper.widths import wrap

LEADING = 1.36
"""From one line to the next, in font sizes."""
GAP = 0.75
"""Between two blocks, in font sizes."""
BAR = 0.8
"""Width of the bar at a block's left, in mm; its words stand `INDENT` mm from it."""
INDENT = 2.6


@dataclass(frozen=True)
class Paragraph:
    """Words on one line, as they are (not yet escaped). `scale`: of their font, 1 being the column's."""

    text: str
    colour: str
    bold: bool = False
    scale: float = 1.0


@dataclass(frozen=True)
class Block:
    """Paragraphs that belong together; `bar`: the colour of a bar at their left, empty for none."""

    paragraphs: tuple[Paragraph, ...]
    bar: str = ""


@dataclass(frozen=True)
class Column:
    """Blocks one below the other.

    Args:
        left: x of the left edge, in mm.
        top: y of the upper edge.
        room: its width.
        size: of its font.
    """

    blocks: Sequence[Block]
    left: float
    top: float
    room: float
    size: float

    @cached_property
    def height(self) -> float:
        """Millimetres from its top to the foot of its last line, descenders included."""
        return sum(self._height(block) for block in self.blocks) + GAP * self.size * (len(self.blocks) - 1)

    def svg(self) -> str:
        """Its texts and bars."""
        found, y = [], self.top
        for block in self.blocks:
            x = self.left + (INDENT if block.bar else 0.0)
            if block.bar:
                # From above its first capitals to below its last line.
                found.append(
                    f'<path data-part="bar" fill="{block.bar}" d="M{mm(self.left)} {mm(y)}h{BAR:g}'
                    f'v{mm(self._height(block))}h-{BAR:g}z"/>'
                )
            for paragraph in block.paragraphs:
                size = self.size * paragraph.scale
                for line in self._lines(block, paragraph):
                    y += LEADING * size
                    found.append(_text(line, paragraph, size, x, y - 0.3 * size))
            y += GAP * self.size
        return "".join(found)

    def _lines(self, block: Block, paragraph: Paragraph) -> tuple[str, ...]:
        room = self.room - (INDENT if block.bar else 0.0)
        return wrap(paragraph.text, room, self.size * paragraph.scale, paragraph.bold)

    def _height(self, block: Block) -> float:
        return sum(
            LEADING * self.size * paragraph.scale * len(self._lines(block, paragraph)) for paragraph in block.paragraphs
        )


def _text(line: str, paragraph: Paragraph, size: float, x: float, y: float) -> str:
    weight = ' font-weight="700"' if paragraph.bold else ""
    return (
        f'<text x="{mm(x)}" y="{mm(y)}" font-size="{mm(size)}"{weight} fill="{paragraph.colour}">'
        f"{clean(line, len(line))}</text>"
    )
