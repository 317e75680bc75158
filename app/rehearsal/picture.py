"""The histogram of scores (成绩分布) as a picture."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

FONT = Path(__file__).parents[1] / "data" / "fonts" / "kaochang-labels.otf"
"""Noto Sans CJK cut down to the characters of these labels, since few servers have a Chinese font."""
BARS = 20


def draw_scores(path: Path, scores: Sequence[Decimal], maximum: Decimal, pass_mark: Decimal) -> None:
    """Writes a picture in the format of the file name's ending (.png, .svg, .pdf).

    Scores are points from 0 to `maximum`; who has `pass_mark` or more stands in the bars of the passed.
    """
    labels = FontProperties(fname=FONT)
    width = float(maximum) / BARS
    points = [float(score) for score in scores]
    mark = float(pass_mark)
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    bins = [width * bar for bar in range(BARS + 1)]
    groups = {
        "合格 Passed": ([point for point in points if point >= mark], "#2a7f62"),
        "不合格 Not passed": ([point for point in points if point < mark], "#b4574b"),
    }
    axes.hist(
        [group for group, _ in groups.values()],
        bins=bins,
        stacked=True,
        label=list(groups),
        color=[color for _, color in groups.values()],
        edgecolor="white",
    )
    axes.axvline(mark, color="black", linestyle="--", label=f"合格线 Pass mark {mark:g}")
    passed = len(groups["合格 Passed"][0])
    axes.set_title(f"成绩分布 Scores（合格 {passed} / {len(points)} 人）", fontproperties=labels, fontsize=13)
    axes.set_xlabel("得分 Score", fontproperties=labels)
    axes.set_ylabel("人数 Candidates", fontproperties=labels)
    axes.set_xlim(0, float(maximum))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(prop=labels)
    figure.savefig(path, dpi=150)
