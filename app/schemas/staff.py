"""Staff accounts as administrators manage them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, Secret, StringConstraints

from app.core.permissions import Role
from app.domain.accounts import MINIMUM_LENGTH, USERNAME_PATTERN
from app.schemas.shared import LEFT_OUT, Input, Output

Username = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=USERNAME_PATTERN),
    Field(description="不区分大小写 Case does not matter.", examples=["wang.fang"]),
]
Secrecy = Field(json_schema_extra={"format": "password", "writeOnly": True})
GivenPassword = Annotated[Secret[Annotated[str, StringConstraints(strip_whitespace=False, max_length=200)]], Secrecy]
"""Every character counts, also a space at an end; never shown in logs and errors."""
NewPassword = Annotated[
    GivenPassword, Field(description=f"至少 {MINIMUM_LENGTH} 个字符，不易猜中 {MINIMUM_LENGTH} characters or more.")
]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["王芳"])]
Roles = Annotated[tuple[Role, ...], Field(min_length=1, max_length=len(Role), examples=[["proctor"]])]


class StaffCreate(Input):
    username: Username
    name: Name
    roles: Roles
    password: NewPassword


class StaffUpdate(Input):
    """What is left out stays as it is."""

    name: Name = LEFT_OUT
    roles: Roles = LEFT_OUT
    active: bool = LEFT_OUT
    password: NewPassword = LEFT_OUT

    def changes(self) -> Mapping[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return given | ({"password": self.password.get_secret_value()} if "password" in given else {})


class StaffRead(Output):
    id: UUID
    username: str
    name: str
    roles: list[Role]
    active: bool
    created_at: datetime
