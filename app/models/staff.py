"""Staff accounts, their refresh tokens, and failed logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlmodel import Field, SQLModel

from app.models.base import id_field


class Staff(SQLModel, table=True):
    __tablename__ = "staff"

    id: UUID = id_field()
    username: str = Field(unique=True)
    name: str
    password_hash: str
    roles: list[str] = Field(sa_type=ARRAY(Text))
    active: bool = True
    created_at: datetime


class RefreshToken(SQLModel, table=True):
    """One link of a rotation chain. A used one that comes again ends the whole family (RFC 9700, 4.14.2).

    `scopes` limits the access tokens of the family when not None.
    """

    __tablename__ = "refresh_token"

    token_hash: bytes = Field(primary_key=True)
    family: UUID = Field(index=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    scopes: list[str] | None = Field(default=None, sa_type=ARRAY(Text))
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class LoginFailure(SQLModel, table=True):
    """Failures since the last success of one subject (`staff:<username>` or `ticket:<number>`)."""

    __tablename__ = "login_failure"

    subject: str = Field(primary_key=True)
    failures: int
    last_at: datetime
