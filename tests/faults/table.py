"""The table of faults, and its place in docs/reliability.md."""

from collections.abc import Sequence
from pathlib import Path

from tests.faults.course import Figure

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- begin: written by make soak -->\n", "<!-- end -->\n"
HEAD = (
    "| 故障 Fault | 次数 Times | 已确认 Acknowledged | 丢失 Lost | 最长中断 Longest away |\n"
    "| --- | ---: | ---: | ---: | ---: |\n"
)


def render(figures: Sequence[Figure]) -> str:
    """Markdown; a row a fault."""
    return HEAD + "".join(
        f"| {one.fault.zh} {one.fault.en} | {one.times} | {one.acknowledged} | {one.lost} | {one.away:.1f} s |\n"
        for one in figures
    )


def write(content: str) -> None:
    """Puts `content` in the place of the last run's. Raises ValueError when the document has no place for it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise ValueError(f"{DOCUMENT.name} has no place for the table")
    DOCUMENT.write_text(f"{head}{BEGIN}{content}{END}{tail}", encoding="utf-8")
