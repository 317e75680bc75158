"""Logging in and out of staff, and who is logged in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.permissions import SCOPES, Role, Scope
from app.schemas.shared import Input, Output
from app.schemas.staff import GivenPassword, NewPassword, Username

GivenRefreshToken = Annotated[
    str, Field(min_length=1, max_length=200, description="登录或续期所得 From the last login or refresh.")
]


class TokenForm(BaseModel):
    """The password grant of OAuth2 (RFC 6749, 4.3.2); other fields that clients send are ignored."""

    model_config = ConfigDict(frozen=True)

    grant_type: Literal["password"] = "password"
    username: Username
    password: GivenPassword
    scope: Annotated[
        str,
        Field(
            max_length=1000,
            description="以空格分隔；缺省为全部 Limits the tokens to these scopes, separated by spaces.",
            examples=["items:read papers:read"],
        ),
    ] = ""

    def scopes(self) -> list[str] | None:
        """The known ones among those asked for; None when none is asked for."""
        asked = self.scope.split()
        return [scope for scope in asked if scope in SCOPES] if asked else None


class TokenRead(Output):
    """`scopes` are what the access token allows with the account's present roles."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- a word of RFC 6749, not a secret
    expires_in: int = Field(description="秒 Seconds.", examples=[900])
    refresh_token: str = Field(description="只能使用一次 For one use.")
    refresh_expires_in: int = Field(description="秒 Seconds.", examples=[43200])
    roles: list[Role]
    scopes: list[Scope]


class RefreshCreate(Input):
    refresh_token: GivenRefreshToken


class LogoutCreate(Input):
    refresh_token: GivenRefreshToken


class MeRead(Output):
    """`scopes` are those of the token used."""

    id: UUID
    username: str
    name: str
    roles: list[Role]
    scopes: list[Scope]


class PasswordUpdate(Input):
    current: GivenPassword
    new: NewPassword
