"""`kaochang user`: staff accounts, above all the first ones."""

import re
import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.commands.environment import run_in_context
from app.core.context import Context
from app.core.permissions import Role
from app.domain.accounts import USERNAME_PATTERN, password_faults
from app.domain.actors import SYSTEM
from app.models.staff import Staff
from app.services import staff

app = typer.Typer(help="工作人员账号 Staff accounts", no_args_is_help=True)

PAGE = 200
GENERATED_BYTES = 15


def _username(value: str) -> str:
    if not re.fullmatch(USERNAME_PATTERN, value):
        raise typer.BadParameter(
            "须为 3 至 32 位字母、数字或 . _ -，首位为字母或数字 "
            "3 to 32 letters, digits or . _ -, of which the first is a letter or digit"
        )
    return value.lower()


Username = Annotated[str, typer.Argument(help="用户名 User name", callback=_username)]
Name = Annotated[str, typer.Option(help="姓名 Name")]
Roles = Annotated[list[Role], typer.Option("--role", help="角色，可重复 Role; may be repeated")]
Password = Annotated[
    str | None, typer.Option(help="密码；缺省则询问，留空则生成 Password; asked for when left out, made when empty")
]


@app.command()
def add(username: Username, name: Name, role: Roles, password: Password = None) -> None:
    """新建账号 Open an account."""
    chosen, generated = _choose(password, username)

    async def create(context: Context) -> None:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            await staff.create(
                session, username=username, name=name, roles=role, password=chosen, actor=SYSTEM, now=now
            )

    run_in_context(create)
    typer.echo(f"已新建账号 Account opened: {username}")
    _tell(chosen, generated)


@app.command("list")
def list_() -> None:
    """账号列表 List the accounts."""

    async def read(context: Context) -> list[Staff]:
        accounts: list[Staff] = []
        async with context.database.transaction() as session:
            while more := await staff.list_(session, after=accounts[-1].id if accounts else None, limit=PAGE):
                accounts += more
        return accounts

    table = Table("用户名 User name", "姓名 Name", "角色 Roles", "状态 State")
    for account in run_in_context(read):
        state = "有效 active" if account.active else "停用 inactive"
        table.add_row(account.username, account.name, ", ".join(account.roles), state)
    Console().print(table)


@app.command()
def set_password(username: Username, password: Password = None) -> None:
    """重设密码 Set a new password; ends the account's logins and its lockout."""
    chosen, generated = _choose(password, username)

    async def change(context: Context) -> None:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            account = await staff.named(session, username)
            await staff.set_password(session, account.id, chosen, SYSTEM, now)

    run_in_context(change)
    typer.echo(f"密码已更改 Password changed: {username}")
    _tell(chosen, generated)


@app.command()
def unlock(username: Username) -> None:
    """解除锁定 End the lockout of an account after failed logins."""

    async def change(context: Context) -> None:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            account = await staff.named(session, username)
            await staff.unlock(session, account.id, SYSTEM, now)

    run_in_context(change)
    typer.echo(f"已解除锁定 Account unlocked: {username}")


@app.command()
def deactivate(username: Username) -> None:
    """停用账号 Deactivate an account; it is logged out at once."""

    async def change(context: Context) -> None:
        async with context.database.transaction() as session:
            now = await context.clock.now(session)
            account = await staff.named(session, username)
            await staff.update(session, account.id, {"active": False}, SYSTEM, now)

    run_in_context(change)
    typer.echo(f"账号已停用 Account deactivated: {username}")


def _choose(password: str | None, username: str) -> tuple[str, bool]:
    """The password, and whether it was made here."""
    if password is None:
        prompt = "密码（留空则自动生成） Password (made for you when empty)"
        password = typer.prompt(prompt, default="", hide_input=True, show_default=False)
        if password and password != typer.prompt("再输入一次 Again", hide_input=True):
            raise typer.BadParameter("两次输入不一致 The two differ.")
    return (password, False) if password else (_generate(username), True)


def _generate(username: str) -> str:
    while password_faults(password := secrets.token_urlsafe(GENERATED_BYTES), username):
        pass
    return password


def _tell(password: str, generated: bool) -> None:
    if generated:
        typer.echo(f"密码（只显示这一次） Password (shown only this once): {password}")
