"""`kaochang audit`: checks that anyone can repeat."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.environment import run_in_context
from app.core.context import Context
from app.schemas.exam import ReceiptRead
from app.services import receipts
from app.services.receipts import Finding

app = typer.Typer(help="审计 Audit", no_args_is_help=True)

ReceiptFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="回执文件 The receipt as JSON")]
PublicKey = Annotated[
    str | None, typer.Option(help="只验签名，不连数据库 Check only the signature, with this public key (base64)")
]


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
