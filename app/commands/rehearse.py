"""`kaochang rehearse`: a whole sitting over HTTP with simulated people, against a running server."""

import asyncio
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.core.permissions import Role
from app.core.settings import Settings
from app.rehearsal.office import NoStandard, Plan
from app.rehearsal.rehearse import Tell, rehearse
from app.rehearsal.report import render
from app.rehearsal.server import Refused, Unreachable
from app.rehearsal.staff import DemoFile, Login

ROOM_SEATS = 30
DEFAULT_ADDRESS = "http://127.0.0.1:8000"


def rehearse_(
    address: Annotated[
        list[str] | None,
        typer.Option(
            help="服务地址，同一数据库上有多个进程时可多次给出；缺省取自登录文件 "
            f"A server, or several on one database if given more than once; else the file's, or {DEFAULT_ADDRESS}"
        ),
    ] = None,
    candidates: Annotated[int, typer.Option(min=1, max=5000, help="考生人数 Candidates")] = 60,
    rooms: Annotated[int | None, typer.Option(min=1, help="考场数，缺省每 30 人一个 Rooms; one for 30 people")] = None,
    seconds: Annotated[int, typer.Option(min=5, max=3000, help="作答秒数 Seconds of writing")] = 90,
    level: Annotated[int, typer.Option(min=1, max=5, help="等级 Level")] = 5,
    standard: Annotated[str | None, typer.Option(help="标准编码，缺省为首个 Standard; the first when left out")] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 Seed of all that is drawn")] = 1,
    logins: Annotated[
        Path | None, typer.Option("--json", help="演示登录文件，缺省 DATA/demo.json The demo's file of logins")
    ] = None,
    admin: Annotated[str | None, typer.Option(help="管理员用户名，代替登录文件 An administrator instead")] = None,
    password_stdin: Annotated[bool, typer.Option(help="从标准输入读取管理员密码 Its password from stdin")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="成绩分布与看板滞后图 Scores, and how soon screens show (.png, .svg)")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="结果文件 The report as JSON")] = None,
) -> None:
    """演练：模拟考生和监考员完成一场考试 Rehearse a whole sitting with simulated candidates and proctors.

    有答案丢失或规则不符时退出码为 1。Exits with 1 when an answer was lost or a rule did not hold.
    """
    plan = Plan(
        level=level,
        seed=seed,
        rooms=min(candidates, rooms or math.ceil(candidates / ROOM_SEATS)),
        window=timedelta(seconds=seconds),
        standard_code=standard,
        fallback=Settings().live_fallback,
    )
    found, known = _logins(logins, admin, password_stdin)
    try:
        with _progress() as tell:
            outcome = asyncio.run(rehearse(address or [found or DEFAULT_ADDRESS], candidates, plan, known, tell))
    except (NoStandard, Refused, Unreachable) as error:
        typer.secho(f"演练中断 The rehearsal was broken off: {error}", err=True, fg="red")
        raise typer.Exit(1) from error
    Console().print(render(outcome))
    if report is not None:
        report.write_text(outcome.model_dump_json(indent=2), encoding="utf-8")
    if picture is not None and outcome.maximum is not None and outcome.pass_mark is not None:
        from app.rehearsal.picture import draw  # slow to load, and no other command needs it

        draw(picture, outcome.scores, outcome.maximum, outcome.pass_mark, outcome.live.save_quantiles_ms)
    if not outcome.ok:
        raise typer.Exit(1)


def _logins(file: Path | None, admin: str | None, password_stdin: bool) -> tuple[str | None, Mapping[Role, Login]]:
    """The address in the demo's file, if any, and the logins by role."""
    if admin is not None:
        if not password_stdin:
            raise typer.BadParameter("--admin 需要 --password-stdin --admin needs --password-stdin")
        password = SecretStr(sys.stdin.readline().rstrip("\n"))
        return None, {Role.admin: Login(role=Role.admin, username=admin, password=password)}
    path = file or Settings().data_dir / "demo.json"
    try:
        demo = DemoFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise typer.BadParameter(f"无法读取登录文件 The file of logins cannot be read: {path}") from error
    return demo.address, {login.role: login for login in demo.staff}


@contextmanager
def _progress() -> Iterator[Tell]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("")

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield tell
