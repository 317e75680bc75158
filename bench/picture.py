"""The figures of a run as one picture."""

from collections.abc import Sequence
from pathlib import Path

from cvttf_NotoSansCJK_Regular import get_TTF_path
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties

from bench.figures import Figure
from bench.parts.growth import Curve
from bench.plan import Part
from bench.report import Report

LABELS = FontProperties(fname=get_TTF_path())
BARE, SAVES, THIRD = "#9aa5b1", "#2a7f62", "#b4574b"
BELLS = {
    (Part.logins, "log in"): "登录 Log in",
    (Part.start_bell, "start"): "开考 Start",
    (Part.start_bell, "fetch sealed"): "预取 Fetch sealed",
    (Part.start_bell, "start sealed"): "开考（已预取）Start, sealed",
    (Part.end_bell, "end"): "收卷 End",
}
SHORT = {
    (Part.upserts, "upsert"): "写入 Upserts",
    (Part.bare, "bare"): "空路由 Bare",
    (Part.saves, "save"): "保存 Saves",
    (Part.fan_out, "row on stream"): "看板 Fan-out",
    (Part.steady, "save"): "平稳 Steady",
} | BELLS
BY = {"candidates": "随考生数增长 Growth with candidates", "stored": "随已存答案增长 Growth with stored responses"}


def draw(path: Path, report: Report) -> None:
    """Writes a picture in the format of the file name's ending."""
    grown = [by for by in BY if any(curve.by == by for curve in report.curves)]
    rows = 2 + bool(grown)
    canvas = Canvas(figsize=(13, 4.6 * rows), layout="constrained")
    axes = canvas.subplots(rows, 2)
    saves = [figure for figure in report.figures if figure.part is Part.saves]
    _draw_rates(axes[0, 0], report.figures, saves)
    _draw_latencies(axes[0, 1], saves)
    _draw_bells(axes[1, 0], [figure for figure in report.figures if _kind(figure) in BELLS])
    _draw_shares(axes[1, 1], [figure for figure in report.figures if figure.part is not Part.growth])
    for place, by in enumerate(grown):
        _draw_curves(axes[2, place], [curve for curve in report.curves if curve.by == by], BY[by])
    for one in axes.flat:
        if one.has_data():
            _dress(one)
        else:
            one.set_visible(False)
    run = f"{report.at:%Y-%m-%d} · {report.machine.commit} · {report.machine.cores} cores"
    canvas.suptitle(f"考场压力测试 Kaochang load tests · {run}", fontproperties=LABELS, fontsize=14)
    canvas.savefig(path, dpi=130)


def _draw_rates(axes: Axes, figures: Sequence[Figure], saves: Sequence[Figure]) -> None:
    axes.set_title("每秒保存与界限 Saves a second, and the limits")
    bare = {_place(figure): figure.rate for figure in figures if figure.part is Part.bare}
    for place, figure in enumerate(saves):
        axes.bar(place - 0.2, bare[_place(figure)], 0.4, color=BARE, label=_once(place, "空路由 Bare route"))
        axes.bar(place + 0.2, figure.rate, 0.4, color=SAVES, label=_once(place, "保存 Saves"))
        axes.text(place + 0.2, figure.rate, f"{figure.to_bare or 0:.2f}", ha="center", va="bottom", fontsize=8)
    for upserts in (figure for figure in figures if figure.part is Part.upserts):
        axes.axhline(upserts.rate, color=THIRD, linestyle="--", label="单行写入 Single-row upserts")
    axes.set_xticks(range(len(saves)), [_point(figure) for figure in saves])


def _draw_latencies(axes: Axes, saves: Sequence[Figure]) -> None:
    axes.set_title("保存的响应时间 Latency of saves (ms)")
    for offset, (name, color) in enumerate({"p50": BARE, "p95": SAVES, "p99": THIRD}.items()):
        times = [getattr(figure.latency, name) for figure in saves]
        axes.bar([place + 0.27 * (offset - 1) for place in range(len(saves))], times, 0.27, color=color, label=name)
    axes.set_xticks(range(len(saves)), [_point(figure) for figure in saves])


def _draw_bells(axes: Axes, bells: Sequence[Figure]) -> None:
    axes.set_title("直到最后一人 Seconds until the last is done")
    for place, figure in enumerate(bells):
        axes.barh(place, figure.seconds, color=SAVES)
        axes.text(figure.seconds, place, f" {figure.seconds:.1f} s", va="center", fontsize=9)
    axes.set_yticks(range(len(bells)), [f"{BELLS[_kind(figure)]}\n{figure.candidates:,}" for figure in bells])
    axes.margins(x=0.15)
    axes.invert_yaxis()


def _draw_shares(axes: Axes, figures: Sequence[Figure]) -> None:
    axes.set_title("处理器占比 Shares of the CPU")
    kinds = {
        "server": ("服务 Server", SAVES),
        "database": ("数据库 Database", THIRD),
        "generator": ("压测 Generator", BARE),
    }
    for place, figure in enumerate(figures):
        start = 0.0
        for kind, (label, color) in kinds.items():
            share = getattr(figure.cpu, kind) / max(figure.cpu.total, 0.01)
            axes.barh(place, share, left=start, color=color, label=_once(place, label))
            start += share
    axes.set_yticks(range(len(figures)), [_short(figure) for figure in figures], fontsize=8)
    axes.set_xlim(0, 1.45)
    axes.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    axes.invert_yaxis()


def _draw_curves(axes: Axes, curves: Sequence[Curve], title: str) -> None:
    axes.set_title(title)
    for curve in curves:
        relative = [cost / curve.costs[0] for cost in curve.costs]
        axes.plot(curve.sizes, relative, marker="o", label=f"{curve.what}, {curve.at}: {curve.exponent:.2f}")
    sizes = sorted({size for curve in curves for size in curve.sizes})
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("相对成本 Cost, relative")


def _dress(axes: Axes) -> None:
    for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()):
        size = text.get_fontsize()
        text.set_fontproperties(LABELS)
        text.set_fontsize(size)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(prop=LABELS, fontsize=8)


def _once(place: int, label: str) -> str | None:
    """A label for the legend, of the first place only."""
    return label if place == 0 else None


def _kind(figure: Figure) -> tuple[Part, str]:
    return figure.part, figure.what


def _place(figure: Figure) -> tuple[int, int]:
    return figure.processes, figure.connections


def _point(figure: Figure) -> str:
    return f"{figure.processes}p\n{figure.connections}c"


def _short(figure: Figure) -> str:
    load = f" {figure.processes}p {figure.connections}c" if figure.part in (Part.bare, Part.saves) else ""
    return SHORT[_kind(figure)] + load
