"""`python -m bench`: measures, and writes the report."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bench import wrk
from bench.bench import Bench
from bench.figures import Figure, Limits
from bench.machine import describe, file_system_of
from bench.parts import bells, growth, limits, saves, writing
from bench.picture import draw
from bench.plan import GROWN, QUICK, TITLES, USUAL, Part, Plan
from bench.postgres import PostgreSQL
from bench.report import Report, markdown
from bench.site import prepared

RESULTS = Path(__file__).parent / "results"
VOLATILE = ("tmpfs", "ramfs")

MEASURES: Mapping[Part, Callable[[Bench], Iterator[Figure]]] = {
    Part.bare: limits.measure_bare,
    Part.saves: saves.measure,
    Part.logins: bells.measure_logins,
    Part.start_bell: bells.measure_start,
    Part.end_bell: bells.measure_end,
    Part.fan_out: writing.measure_fan_out,
    Part.steady: writing.measure_steady,
    Part.growth: growth.measure,
}


def main(
    quick: Annotated[bool, typer.Option(help="小规模，三分钟内 Small sizes, under three minutes")] = False,
    only: Annotated[str, typer.Option(help="只测这些，如 c,e；界限总要测 Only these parts; the limits always")] = "",
    full_growth: Annotated[
        bool, typer.Option("--growth", help="(i) 另测一千万条历史答案 Part i also with ten million stored responses")
    ] = False,
    seconds: Annotated[int | None, typer.Option(help="(a)(b)(c) 每点秒数 Of each point")] = None,
    connections: Annotated[str, typer.Option(help="(c) 连接数，如 64,512 Connections")] = "",
    processes: Annotated[str, typer.Option(help="(c) 进程数，如 1,2 Server processes")] = "",
    logins: Annotated[int | None, typer.Option(help="(d) 考生 Candidates")] = None,
    bell: Annotated[int | None, typer.Option(help="(e)(f) 考生 Candidates")] = None,
    watched: Annotated[int | None, typer.Option(help="(g) 考生 Candidates")] = None,
    steady: Annotated[int | None, typer.Option(help="(h) 考生 Candidates")] = None,
    steady_seconds: Annotated[int | None, typer.Option(help="(h) 秒数 Seconds")] = None,
    candidates: Annotated[str, typer.Option(help="(i) 考生数，如 500,2000 Candidates")] = "",
    folder: Annotated[
        Path | None, typer.Option(help="数据库所在目录，须在真磁盘上 Where the database lies: on a real disk")
    ] = None,
    out: Annotated[Path, typer.Option(help="报告目录 Where the report goes")] = RESULTS,
) -> None:
    """压力测试 Load tests. See docs/performance.md."""
    plan = QUICK if quick else USUAL
    plan = replace(
        plan,
        seconds=seconds or plan.seconds,
        connections=_numbers(connections) or plan.connections,
        processes=_numbers(processes) or plan.processes,
        logins=logins or plan.logins,
        bell=bell or plan.bell,
        watched=watched or plan.watched,
        steady=steady or plan.steady,
        steady_seconds=steady_seconds or plan.steady_seconds,
        growth=_numbers(candidates) or plan.growth,
    )
    if full_growth:
        plan = replace(plan, stored=(*plan.stored, GROWN))
    try:
        wrk.require()
        report = measure(plan, _parts(only), folder)
    except wrk.Lacking as lacking:
        typer.secho(str(lacking), err=True, fg="red")
        raise typer.Exit(1) from lacking
    where = write(report, out)
    typer.echo(f"{where / 'report.md'}")
    if report.faults:
        typer.secho("\n".join(report.faults), err=True, fg="red")
        raise typer.Exit(1)


def measure(plan: Plan, parts: list[Part], folder: Path | None) -> Report:
    """The limits, then the parts in their order; a part that fails is a fault and does not stop the others."""
    began, at = time.monotonic(), datetime.now(UTC)

    def tell(what: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {what}", err=True)

    postgres = PostgreSQL(folder)
    if (kind := file_system_of(postgres.folder)) in VOLATILE:
        tell(
            f"数据库在内存中（{kind}），写入不落盘：请用 --folder 指定磁盘 The database is in memory: choose a --folder"
        )
    with prepared(postgres) as (template, papers):
        tell(f"({Part.upserts}) {TITLES[Part.upserts]}")
        upserts = postgres.measure_upserts(plan.seconds)
        bench = Bench(plan, postgres, template, papers, Limits(upserts), tell)
        figures = [upserts]
        for part in parts:
            tell(f"({part}) {TITLES[part]}")
            try:
                for figure in MEASURES[part](bench):
                    tell(f"    {_line(figure)}")
                    figures.append(figure)
            except Exception as error:
                bench.faults.append(f"({part}) {type(error).__name__}: {error}")
                tell(bench.faults[-1])
        return Report(
            at=at,
            plan=plan.name,
            seconds=time.monotonic() - began,
            machine=describe(postgres.folder),
            postgres=postgres.settings,
            figures=figures,
            curves=growth.curves(figures),
            faults=bench.faults,
        )


def write(report: Report, out: Path) -> Path:
    """Into a folder of the day and the commit; where."""
    where = out / f"{report.at:%Y-%m-%d}-{report.machine.commit}{'-quick' * (report.plan == QUICK.name)}"
    where.mkdir(parents=True, exist_ok=True)
    (where / "report.json").write_text(report.model_dump_json(indent=2) + "\n")
    (where / "report.md").write_text(markdown(report))
    draw(where / "report.png", report)
    return where


def _parts(only: str) -> list[Part]:
    """Limit 1 first: saves measure it again, beside them. Raises BadParameter for a letter that is no part."""
    try:
        chosen = {Part(letter.strip()) for letter in only.split(",")} if only else set(Part)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return [part for part in MEASURES if part is Part.bare or part in chosen]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",")) if text else ()


def _line(figure: Figure) -> str:
    size = f"{figure.candidates} candidates, " if figure.candidates else ""
    ratio = "" if figure.to_bare is None else f", {figure.to_bare:.2f} of limit 1"
    return (
        f"{figure.label()}: {size}{figure.calls} in {figure.seconds:.2f} s, {figure.rate:,.0f}/s{ratio}, "
        f"p99 {figure.latency.p99:.1f} ms, {figure.cost:.0f} µs"
    )


if __name__ == "__main__":
    typer.run(main)
