"""`kaochang bank`: load and check item banks."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.bank_report import print_report
from app.commands.environment import run_in_context
from app.core.context import Context
from app.core.problems import FieldError, Problem
from app.domain.actors import SYSTEM
from app.domain.bank_check import BankReport, check_bank
from app.domain.bank_import import Bank, gather
from app.domain.composition import Composition
from app.domain.item_states import ItemState
from app.domain.items import ItemDocument
from app.domain.standard import Standard
from app.services import bank, items, standards
from app.services.bank import Loaded

app = typer.Typer(help="题库 Item banks", no_args_is_help=True)

Paths = typer.Argument(exists=True, help="题库文件或文件夹 Files or folders of YAML or JSON")
SUFFIXES = (".yaml", ".yml", ".json")


class LoadState(StrEnum):
    draft = "draft"
    active = "active"


@app.command()
def load(
    paths: Annotated[list[Path], Paths],
    state: Annotated[LoadState, typer.Option(help="导入后的状态 State of what is new or changed")] = LoadState.active,
) -> None:
    """导入题库：全部成功或全部不导入 Load banks: all items or none."""

    async def work(context: Context) -> list[tuple[Bank, Loaded]]:
        banks = gather(_texts(paths))
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            return [(one, await bank.load(session, one, ItemState(state), SYSTEM, now)) for one in banks]

    for one, loaded in run_in_context(work):
        typer.echo(
            f"{one.standard} ({one.edition}): 新增 created {loaded.created}, 更改 changed {loaded.changed}, "
            f"未变 unchanged {loaded.unchanged}"
        )


@app.command()
def check(paths: Annotated[list[Path] | None, Paths] = None) -> None:
    """检查题库文件，不给文件时检查已启用的题库 Check files, or the active items when none are given."""

    async def work(context: Context) -> list[tuple[Standard, BankReport]]:
        banks = gather(_texts(paths)) if paths else None
        async with context.database.transaction() as session:
            found = await (_loaded(session) if banks is None else _in_files(session, banks))
        return [(standard, _report(standard, documents)) for standard, documents in found]

    reports = run_in_context(work)
    console = Console()
    for standard, report in reports:
        console.print(f"{standard.title} ({standard.edition})", style="bold")
        print_report(console, report)
    if not all(report.ok for _, report in reports):
        raise typer.Exit(1)


async def _loaded(session: AsyncSession) -> list[tuple[Standard, list[ItemDocument]]]:
    """The banks that have active items. Raises Problem `bank_empty` when there are none."""
    editions = await standards.of_code(session, None)
    banks = [(standard, await items.active_documents(session, edition_id)) for edition_id, standard in editions.items()]
    if not any(documents for _, documents in banks):
        raise Problem("bank_empty")
    return [(standard, documents) for standard, documents in banks if documents]


async def _in_files(session: AsyncSession, banks: tuple[Bank, ...]) -> list[tuple[Standard, list[ItemDocument]]]:
    standards_named = [(await standards.get(session, one.standard, one.edition))[1] for one in banks]
    return [(standard, [row.item for row in one.rows]) for standard, one in zip(standards_named, banks, strict=True)]


def _report(standard: Standard, documents: list[ItemDocument]) -> BankReport:
    weights = {level: standard.theory_weights(level) for level in standard.level_numbers}
    return check_bank(documents, standard.points_by_id, weights, Composition())


def _texts(paths: list[Path]) -> dict[str, str]:
    """Name -> text of the files, folders searched to any depth. Raises Problem `bank_invalid` when one is not UTF-8."""
    files = [
        file
        for path in paths
        for file in ([path] if path.is_file() else sorted(path.rglob("*")))
        if file == path or file.suffix in SUFFIXES
    ]
    texts, errors = {}, []
    for file in files:
        try:
            texts[str(file)] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            errors.append(FieldError(str(file), "bank_syntax", {"message": str(error)}))
    if errors:
        raise Problem("bank_invalid", errors=errors, count=len(errors))
    return texts
