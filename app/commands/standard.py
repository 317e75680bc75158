"""`kaochang standard`: load, list and show national occupational standards."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.commands.environment import run_in_context
from app.core.context import Context
from app.domain.actors import SYSTEM
from app.domain.standard import Standard
from app.models.standard import StandardEdition
from app.services import standards

app = typer.Typer(help="国家职业技能标准 National occupational standards", no_args_is_help=True)


@app.command()
def load(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="标准文件 YAML or JSON files")],
) -> None:
    """导入标准；已导入且内容相同的不变 Load standards; the same content changes nothing."""

    async def work(context: Context) -> list[StandardEdition]:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            return [await standards.load(session, file.read_text(encoding="utf-8"), SYSTEM, now) for file in files]

    for edition in run_in_context(work):
        typer.echo(f"已导入 Loaded: {edition.code} ({edition.edition}) {edition.title}")


@app.command("list")
def list_() -> None:
    """已导入的标准 Standards loaded."""

    async def work(context: Context) -> list[Standard]:
        async with context.database.transaction() as session:
            return list((await standards.of_code(session, None)).values())

    table = Table("编码 Code", "版本 Edition", "等级 Levels", "名称 Title")
    for standard in run_in_context(work):
        levels = ", ".join(map(str, standard.level_numbers))
        table.add_row(standard.code, standard.edition, levels, standard.title)
    Console().print(table)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="标准编码 Code, e.g. 3-01-01-01")],
    level: Annotated[int, typer.Option(help="等级 Level, 5 to 1")],
    edition: Annotated[str | None, typer.Option(help="缺省为最新版 The newest when left out")] = None,
) -> None:
    """一个等级的权重、规则和知识点 Weights, rules and knowledge points of a level."""

    async def work(context: Context) -> Standard:
        async with context.database.transaction() as session:
            _, standard = await standards.get(session, code, edition)
            standard.level(level)
            return standard

    standard = run_in_context(work)
    console = Console()
    console.print(f"{standard.title} ({standard.edition}) {standard.level(level).name}", style="bold")
    for table in (_weights(standard, level), _rules(standard, level), _points(standard, level)):
        console.print(table)


def _weights(standard: Standard, level: int) -> Table:
    theory, skills = standard.theory_weights(level), standard.skill_weights(level)
    table = Table("项目 Area", "理论 Theory (4.1)", "技能 Skills (4.2)", title="权重 Weights")
    for area in dict.fromkeys([*theory, *skills]):
        table.add_row(area, str(theory.get(area, "-")), str(skills.get(area, "-")))
    table.add_row("合计 Total", str(sum(theory.values())), str(sum(skills.values())), style="bold")
    return table


def _rules(standard: Standard, level: int) -> Table:
    theory = standard.exam_rules.theory
    table = Table("规则 Rule", "要求 Value", "条款 Clause", title="理论知识考试 Theory exam")
    table.add_row("最短时间（分钟） Minutes", str(standard.minimum_minutes(level)), theory.minimum_minutes.clause)
    table.add_row("总分 Total points", str(theory.total_points.value), theory.total_points.clause)
    table.add_row("合格线 Pass mark", str(theory.pass_mark.value), theory.pass_mark.clause)
    ratio, least = theory.candidates_per_proctor, theory.minimum_proctors_per_room
    table.add_row("监考配比 Candidates per proctor", str(ratio.value), ratio.clause)
    table.add_row("每考场监考员 Proctors per room", f"≥ {least.value}", least.clause)
    return table


def _points(standard: Standard, level: int) -> Table:
    table = Table("项目 Area", "知识点 Point", "内容 Text", title="知识点 Knowledge points")
    for point in standard.points_open_to(level):
        table.add_row(point.area, point.id, point.text)
    return table
