"""`kaochang audit`: checks that anyone can repeat."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.commands.environment import run_in_context
from app.core.context import Context
from app.domain import noted_heads
from app.domain.actors import SYSTEM
from app.domain.audit_chain import OUTSIDE, Break, Fault
from app.domain.noted_heads import NotedHeads
from app.schemas.exam import ReceiptRead
from app.services import audit_verification, receipts, sitting_record, sitting_record_check
from app.services.audit_verification import Verification
from app.services.receipts import Finding

app = typer.Typer(help="审计 Audit", no_args_is_help=True)

FAULTS = {
    Fault.altered: ("事件内容被改动", "the event was altered"),
    Fault.missing: ("缺少事件", "the event is missing"),
    Fault.wrong_previous: ("与前一事件不衔接", "it does not follow the event before it"),
    Fault.wrong_chain: ("属于另一条链", "the event belongs to another chain"),
    Fault.truncated: ("末尾被截断", "the end is cut off"),
    Fault.head_differs: ("链头与最后一个事件不符", "the head is not that of the last event"),
    Fault.checkpoint_differs: ("与已签名的链头不符", "it contradicts the head that was signed"),
    Fault.checkpoint_forged: ("链头签名无效", "the signature of the head is not genuine"),
    Fault.seal_differs: ("与考场封存时的链头不符", "it contradicts the head at the sealing of a room"),
    Fault.noted_differs: ("与另存的链头不符", "a noted head contradicts"),
}

ReceiptFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="回执文件 The receipt as JSON")]
RecordFile = Annotated[
    Path | None,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="导出的场次档案；缺省则验证数据库 An exported record, checked offline; the database when left out",
    ),
]
PublicKey = Annotated[
    str | None, typer.Option(help="只验签名，不连数据库 Check only the signature, with this public key (base64)")
]
AuditKey = Annotated[
    str | None,
    typer.Option(
        help="审计公钥（base64）；缺省用本机的或文件所带的 Public key; ours, or the one in the file, if left out"
    ),
]
SittingOption = Annotated[UUID | None, typer.Option(help="只验证这一场次 Only the chain of this sitting")]
HeadsFile = Annotated[
    Path | None,
    typer.Option(
        "--heads",
        exists=True,
        dir_okay=False,
        help="另存的链头：服务的 JSON 日志，或 GET /audit/heads 的结果；末尾整段删除只有这样才查得出 "
        "Heads noted elsewhere: the service's JSON log, or saved pages of GET /audit/heads; only against them is an "
        "end found that was cut off together with its signed heads",
    ),
]
SittingArgument = Annotated[UUID, typer.Argument(help="场次 Id of the sitting")]
NewFile = Annotated[Path, typer.Argument(dir_okay=False, help="写入的文件 File to write")]


@app.command()
def receipt(file: ReceiptFile, public_key: PublicKey = None) -> None:
    """核验交卷回执 Check a receipt: its signature, and that the stored and graded answers are those handed in."""
    try:
        content = ReceiptRead.model_validate_json(file.read_text(encoding="utf-8")).model_dump(mode="json")
    except ValueError as error:
        raise typer.BadParameter("不是交卷回执的 JSON 文件 Not a receipt as JSON") from error

    async def check(context: Context) -> Finding:
        async with context.database.transaction() as session:
            return await receipts.check(session, content, context.keyring.receipt_public_key)

    finding = receipts.check_signature(content, public_key) if public_key else run_in_context(check)
    for zh, en, value in (
        ("签名", "signature", finding.signed),
        ("短码", "code", finding.code),
        ("已存答案", "stored answers", finding.stored),
        ("已评答案", "graded answers", finding.graded),
    ):
        typer.echo(f"{zh} {en}: {'—' if value is None else '相符 agrees' if value else '不符 DIFFERS'}")
    if not finding.ok:
        raise typer.Exit(1)


@app.command()
def verify(
    file: RecordFile = None, sitting: SittingOption = None, public_key: AuditKey = None, heads: HeadsFile = None
) -> None:
    """验证审计链，指出第一处断裂 Walk the chains of the audit log and name the first broken link of each."""
    if file is not None and sitting is not None:
        raise typer.BadParameter("文件与 --sitting 只能给一个 Give the file or --sitting, not both")
    if file is not None and heads is not None:
        raise typer.BadParameter("--heads 只用于验证数据库 --heads is for verifying the database, not a file")
    intact = _verify_database(sitting, public_key, heads) if file is None else _verify_file(file, public_key)
    if not intact:
        raise typer.Exit(1)


@app.command()
def export(sitting: SittingArgument, file: NewFile) -> None:
    """导出场次档案（签名文件） Write a sitting's record as one signed file, which `verify` checks anywhere."""

    async def write(context: Context) -> bytes:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            return await sitting_record.export(session, context.keyring, sitting, SYSTEM, now)

    content = run_in_context(write)
    file.write_bytes(content)
    typer.echo(f"已导出 Exported: {file} ({len(content)} B)")


@app.command("public-key")
def public_key_() -> None:
    """审计公钥 The public key that checks signed heads and exported records, to be published."""

    async def read(context: Context) -> str:
        return context.keyring.audit_public_key

    typer.echo(run_in_context(read))


def _verify_database(sitting: UUID | None, public_key: str | None, heads: Path | None) -> bool:
    noted = None if heads is None else _noted(heads)

    async def walk(context: Context) -> Verification:
        key = public_key or context.keyring.audit_public_key
        return await audit_verification.verify(context.database, key, sitting, noted)

    found = run_in_context(walk)
    typer.echo(f"审计链 chains: {found.chains}  事件 events: {found.events}")
    if noted is not None:
        typer.echo(f"已对照另存的链头 noted heads compared: {found.noted}")
    if found.alterable:
        typer.secho(
            f"警告：服务的数据库角色可以改动 {', '.join(found.alterable)}，请由另一角色拥有这些表。\n"
            "Warning: the service's database role could alter these tables; let another role own them.",
            fg="yellow",
        )
    return _tell(found.breaks)


def _noted(file: Path) -> NotedHeads:
    try:
        return noted_heads.read(file.read_text(encoding="utf-8", errors="replace"))
    except ValueError as error:
        raise typer.BadParameter(
            "文件中没有链头，或链头不完整：须为 JSON 日志或 GET /audit/heads 的结果 "
            "No heads in the file, or damaged ones: give JSON log lines, or saved pages of GET /audit/heads"
        ) from error


def _verify_file(file: Path, public_key: str | None) -> bool:
    try:
        found = sitting_record_check.check(file.read_bytes(), public_key)
    except ValueError as error:
        raise typer.BadParameter("不是场次档案，或公钥无效 Not a record of a sitting, or no public key") from error
    record = found.record
    typer.echo(f"场次 sitting: {record.sitting.id}  {record.sitting.name}")
    typer.echo(f"导出 exported: {_minute(record.exported_at)}  事件 events: {len(record.events)}")
    typer.echo(f"公钥 public key: {found.public_key}")
    if public_key is None:
        typer.secho(
            "公钥取自文件本身：请与考试机构公布的核对。 The key is the file's own: compare it with the published one.",
            fg="yellow",
        )
    typer.echo(f"文件签名 signature of the file: {_agrees(found.signed)}")
    typer.echo(f"回执 receipts: {_agrees(not found.receipts)}")
    for attempt_id in found.receipts:
        typer.secho(f"  {attempt_id}", fg="red")
    return _tell([] if found.broken is None else [found.broken]) and found.ok


def _tell(breaks: Sequence[Break]) -> bool:
    """Says where the chains are broken; whether they are not."""
    for one in breaks:
        chain = "场次以外 outside sittings" if one.chain == OUTSIDE else f"场次 sitting {one.chain}"
        zh, en = FAULTS[one.fault]
        typer.secho(f"{chain}，序号 sequence {one.sequence}: {zh} {en} [{one.fault}]", fg="red")
    if not breaks:
        typer.secho("未见断裂 unbroken", fg="green")
    return not breaks


def _agrees(agrees: bool) -> str:
    return "相符 agrees" if agrees else "不符 DIFFERS"


def _minute(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")
