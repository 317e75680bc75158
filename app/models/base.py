"""What all tables share: naming of constraints, identifiers, instants, closed vocabularies."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.core.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def id_field() -> Any:
    return Field(default_factory=new_id, primary_key=True)


def json_field(**options: Any) -> Any:
    return Field(sa_type=JSONB, **options)


class Vocabulary(TypeDecorator[StrEnum]):
    """A text column that holds a member of a closed vocabulary."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | str | None, _dialect: Dialect) -> str | None:
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.members(value)


def vocabulary_field(members: type[StrEnum], **options: Any) -> Any:
    return Field(sa_type=Vocabulary(members), **options)


def one_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """A check that a text column holds a member of the vocabulary."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(member.value) for member in vocabulary)})", name=column)


def in_sitting(table: str, *columns: str) -> tuple[list[str], list[str]]:
    """A composite foreign key that stays within one sitting: `(sitting_id, x)` -> `table(sitting_id, id)`."""
    return ["sitting_id", *columns], [f"{table}.sitting_id", f"{table}.id"]
