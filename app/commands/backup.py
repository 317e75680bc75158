"""`kaochang backup` and `kaochang restore`."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from app.commands.audit import FAULTS
from app.commands.environment import refusals_printed
from app.core.database import database_addresses
from app.core.embedded import exclusive_folder
from app.core.keyring import has_secret, load_keyring
from app.core.settings import Settings
from app.services.backup import BackupError, Restored, back_up
from app.services.backup import restore as restore_backup


def backup(file: Annotated[Path, typer.Argument(dir_okay=False, help="写入的新文件 New file to write")]) -> None:
    """备份整个数据库到一个文件，考试中也可以 Write the whole database to one file, also during an exam.

    文件中没有密钥，密钥须另行保管。The secret is not in it and must be kept apart.
    """
    settings = Settings()
    with refusals_printed():
        _require_secret(settings)
        manifest = asyncio.run(back_up(database_addresses(settings), load_keyring(settings), file))
    typer.echo(f"已备份 Backed up: {file} ({file.stat().st_size} B, {sum(manifest.rows.values())} 行 rows)")
    where = "KAOCHANG_SECRET_KEY" if settings.secret_key is not None else settings.data_dir / "secret.key"
    typer.secho(
        f"备份中没有密钥：请把 {where} 另行保管；没有它，备份无法恢复使用。\n"
        f"The secret is not in it: keep {where} in another place; without it this backup is of no use.",
        fg="yellow",
    )


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="备份文件 The backup")],
) -> None:
    """恢复备份到空数据库并核验 Restore a backup into an empty database, and verify it."""
    settings = Settings()
    held = exclusive_folder(settings.data_dir) if settings.database_url is None else nullcontext()
    with refusals_printed(), held:
        _require_secret(settings)
        restored = asyncio.run(restore_backup(database_addresses(settings), load_keyring(settings), file))
    _tell(restored)
    if not restored.ok:
        raise typer.Exit(1)


def _require_secret(settings: Settings) -> None:
    """So that none is made: it would fit no data."""
    if not has_secret(settings):
        raise BackupError(
            f"{settings.data_dir} 中没有 secret.key：请检查 KAOCHANG_DATA_DIR，或先放入原来的 secret.key，"
            "或设置 KAOCHANG_SECRET_KEY。\n"
            f"There is no secret.key in {settings.data_dir}: check KAOCHANG_DATA_DIR, or put the secret.key that "
            "belongs to the data there, or set KAOCHANG_SECRET_KEY."
        )


def _tell(restored: Restored) -> None:
    manifest = restored.manifest
    typer.echo(f"备份时间 made at: {manifest.made_at.isoformat(timespec='seconds')} ({manifest.made_by})")
    typer.echo(f"行数 rows: {sum(manifest.rows.values())}，与备份相符 as in the backup")
    typer.echo(f"回执 receipts: {restored.receipts}，不符 differing: {len(restored.wrong_receipts)}")
    for attempt_id in restored.wrong_receipts:
        typer.secho(f"  {attempt_id}", fg="red")
    typer.echo(f"审计事件 audit events: {restored.events}，断裂 breaks: {len(restored.breaks)}")
    for broken in restored.breaks:
        zh, en = FAULTS[broken.fault]
        typer.secho(f"  {broken.chain} {broken.sequence}: {zh} {en}", fg="red")
