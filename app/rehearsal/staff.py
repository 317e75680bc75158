"""Staff over HTTP: logged in, logged in again when a token expires, and hired for a rehearsal."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr

from app.core.paging import Page
from app.core.permissions import Role
from app.rehearsal.server import Body, Caller, Refused, Shape
from app.schemas.auth import TokenRead
from app.schemas.staff import StaffRead, StaffUpdate

Answer = TypeVar("Answer")
Row = TypeVar("Row")

PAGE = 200


class Login(BaseModel):
    model_config = ConfigDict(frozen=True)

    role: Role
    username: str
    password: SecretStr


class DemoFile(BaseModel):
    """What `kaochang demo` writes; only what a rehearsal needs of it."""

    address: str
    staff: list[Login]


NAMES = {Role.officer: "演练考务", Role.chief: "演练主考", Role.proctor: "演练监考员", Role.auditor: "演练审计"}


class StaffMember:
    """`caller` is the connection of this one person."""

    def __init__(self, caller: Caller, login: Login) -> None:
        self.username = login.username
        self.caller = caller
        self._login = login

    async def log_in(self) -> None:
        form = {"username": self.username, "password": self._login.password.get_secret_value()}
        token = await self.caller.call("staff_login", "POST", "/auth/token", TokenRead, form=form)
        self.caller.token = token.access_token

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        shape: type[Shape],
        body: Body = None,
        *,
        expected: str | None = None,
    ) -> Shape:
        """As Caller.call. An expired token is renewed once."""
        return await self._renewing(lambda: self.caller.call(name, method, path, shape, body, expected=expected))

    async def fetch(self, name: str, path: str) -> bytes:
        """As Caller.fetch. An expired token is renewed once."""
        return await self._renewing(lambda: self.caller.fetch(name, path))

    async def pages(self, name: str, path: str, shape: type[Page[Row]]) -> list[Row]:
        """All of a list."""
        rows: list[Row] = []
        cursor = ""
        while True:
            page = await self.call(name, "GET", f"{path}?limit={PAGE}{cursor}", shape)
            rows += page.items
            if page.next_cursor is None:
                return rows
            cursor = f"&cursor={page.next_cursor}"

    async def _renewing(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await call()
        except Refused as refused:
            if refused.code != "invalid_token":
                raise
        await self.log_in()
        return await call()


@dataclass
class Agency:
    """Opens accounts for one rehearsal as an administrator, and closes them after it."""

    admin: StaffMember
    connect: Callable[[], Caller]

    def __post_init__(self) -> None:
        self._run = secrets.token_hex(3)
        self._hired: list[StaffRead] = []

    async def hire(self, role: Role) -> StaffMember:
        """A logged-in member of staff with this role, whose password nobody knows."""
        password = secrets.token_urlsafe(24)
        username = f"rehearsal-{self._run}-{role}-{len(self._hired) + 1}"
        body = {"username": username, "name": NAMES[role], "roles": [role], "password": password}
        self._hired.append(await self.admin.call("create_staff", "POST", "/staff", StaffRead, body))
        member = StaffMember(self.connect(), Login(role=role, username=username, password=SecretStr(password)))
        await member.log_in()
        return member

    async def dismiss(self) -> None:
        """The accounts hired cannot log in any more."""
        for account in self._hired:
            await self.admin.call("update_staff", "PATCH", f"/staff/{account.id}", StaffRead, StaffUpdate(active=False))
