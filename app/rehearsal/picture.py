"""The scores (成绩分布), and how soon the proctors' screens showed what was saved, as one picture."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from cvttf_NotoSansCJK_Regular import get_TTF_path
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

LABELS = FontProperties(fname=get_TTF_path())
PASSED, NOT_PASSED = "#2a7f62", "#b4574b"
BARS = 20


def draw(
    path: Path, scores: Sequence[Decimal], maximum: Decimal, pass_mark: Decimal, quantiles_ms: Sequence[float]
) -> None:
    """Writes a picture in the format of the file name's ending (.png, .svg, .pdf).

    Scores are points from 0 to `maximum`; who has `pass_mark` or more stands in the bars of the passed. `quantiles_ms`
    are the 0th to 100th percentiles of the time from an acknowledged save to the row on a screen; none without saves.
    """
    figure = Figure(figsize=(13, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_scores(left, [float(score) for score in scores], float(maximum), float(pass_mark))
    _draw_lags(right, quantiles_ms)
    figure.savefig(path, dpi=150)


def _draw_scores(axes: Axes, points: Sequence[float], maximum: float, mark: float) -> None:
    groups = {
        "合格 Passed": ([point for point in points if point >= mark], PASSED),
        "不合格 Not passed": ([point for point in points if point < mark], NOT_PASSED),
    }
    axes.hist(
        [group for group, _ in groups.values()],
        bins=[maximum / BARS * bar for bar in range(BARS + 1)],
        stacked=True,
        label=list(groups),
        color=[color for _, color in groups.values()],
        edgecolor="white",
    )
    axes.axvline(mark, color="black", linestyle="--", label=f"合格线 Pass mark {mark:g}")
    passed = len(groups["合格 Passed"][0])
    _label(axes, f"成绩分布 Scores（合格 {passed} / {len(points)} 人）", "得分 Score", "人数 Candidates")
    axes.set_xlim(0, maximum)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(prop=LABELS)


def _draw_lags(axes: Axes, quantiles_ms: Sequence[float]) -> None:
    _label(axes, "从保存确认到看板显示 From acknowledged save to row", "毫秒 Milliseconds", "占比 Share (%)")
    axes.set_ylim(0, 100)
    if quantiles_ms:
        axes.plot(quantiles_ms, range(len(quantiles_ms)), color=PASSED)
        p95 = quantiles_ms[95]
        axes.axvline(p95, color="black", linestyle="--", label=f"p95 {p95:.0f} ms")
        axes.set_xlim(left=0)
        axes.legend(prop=LABELS, loc="lower right")


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontproperties=LABELS, fontsize=13)
    axes.set_xlabel(x, fontproperties=LABELS)
    axes.set_ylabel(y, fontproperties=LABELS)
