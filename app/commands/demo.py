"""`kaochang demo`: a site to try things on, prepared and served."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from app.commands.environment import open_context, refusals_printed
from app.commands.serve import make_server
from app.core.context import Context
from app.core.embedded import exclusive_folder
from app.core.logging import configure_logging
from app.core.permissions import Role
from app.core.settings import Settings
from app.services import demonstration
from app.services.demonstration import Demonstration, Login

FILE = "demo.json"


def demo(
    data_dir: Annotated[Path, typer.Option(help="数据目录 Data folder")] = Path("data"),
    port: Annotated[int, typer.Option(help="端口 Port", min=1, max=65535)] = 8000,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="另存登录信息 Also write the logins to this file")
    ] = None,
) -> None:
    """演示：真实标准和题库，一个正在进行的演练场次 A demonstration with a rehearsal that is open now.

    再次运行保留数据。Run again it keeps the data.
    """
    settings = Settings(data_dir=data_dir, port=port, log_format="console", log_level="warning")
    configure_logging(settings)
    with refusals_printed(), exclusive_folder(settings.data_dir):
        asyncio.run(_demonstrate(settings, json_file))


async def _demonstrate(settings: Settings, json_file: Path | None) -> None:
    kept = settings.data_dir / FILE
    async with open_context(settings) as context:
        known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        logins = [Login(Role(one["role"]), one["username"], one["password"]) for one in known.get("staff", [])]
        sitting_id = UUID(known["sitting_id"]) if "sitting_id" in known else None
        prepared = await demonstration.prepare(context, logins, sitting_id)
        content = _content(context, prepared)
        _write(kept, content)

        def announce() -> None:
            if json_file is not None:
                _write(json_file, content)
            _print(content, kept)

        await make_server(context, announce).serve()


def _content(context: Context, prepared: Demonstration) -> dict[str, Any]:
    settings = context.settings
    return {
        "address": f"http://{settings.host}:{settings.port}",
        "staff": [
            {"role": login.role.value, "username": login.username, "password": login.password}
            for login in prepared.logins
        ],
        "candidates": [
            {
                "ticket_number": entry.ticket_number,
                "id_number": context.keyring.decrypt_identity(candidate.identity_sealed),
                "name": candidate.name,
                "room": room.name,
            }
            for entry, candidate, room in prepared.candidates
        ],
        "sitting_id": str(prepared.sitting.id),
        "rooms": [{"id": str(room.id), "name": room.name, "state": room.state} for room in prepared.rooms],
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    """Readable by its owner only: it holds passwords."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)


def windows(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What to open to play everybody's part at once: who, address, login; the candidate sits in the proctor's room."""
    address, candidate = content["address"], content["candidates"][0]
    room = next(room for room in content["rooms"] if room["name"] == candidate["room"])
    staff = {login["role"]: f"{login['username']}  {login['password']}" for login in reversed(content["staff"])}
    return [
        ("考生 Candidate", f"{address}/", f"{candidate['ticket_number']}  {candidate['id_number']}"),
        ("监考员 Proctor", f"{address}/staff/rooms/{room['id']}", staff[Role.proctor]),
        ("考务员 Officer", f"{address}/staff", staff[Role.officer]),
    ]


def _print(content: dict[str, Any], file: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]考场 Kaochang[/bold]  {content['address']}")
    console.print(f"接口文档 Interactive API: {content['address']}/docs\n")
    staff = Table("角色 Role", "用户名 User name", "密码 Password")
    for login in content["staff"]:
        staff.add_row(login["role"], login["username"], login["password"])
    console.print(staff)
    candidates = Table("准考证号 Ticket", "身份证号 Identity number", "姓名 Name", "考场 Room")
    for one in [*content["candidates"][:2], content["candidates"][-1]]:
        candidates.add_row(one["ticket_number"], one["id_number"], one["name"], one["room"])
    console.print(candidates)
    console.print(f"全部登录信息 All logins: {file}")
    console.print("演练一整场，在另一窗口 To rehearse a whole sitting, in another window:")
    console.print(f"  kaochang rehearse --json {file}\n", markup=False)
    console.print("[bold]马上可试：在三个窗口打开 To try it at once, open in three windows[/bold]")
    for who, address, login in windows(content):
        console.print(f"  {who}  {address}\n      {login}", markup=False)
    console.print("第一考场正在考试，考生已签到 The first room is running and its candidates are checked in.\n")
