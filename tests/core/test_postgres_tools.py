"""Where PostgreSQL's own programs find the database that the service uses."""

import pytest

from app.core.postgres_tools import environment_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql+asyncpg://owner:secret@db:5433/kaochang?ssl=require",
            {"PGHOST": "db", "PGPORT": "5433", "PGUSER": "owner", "PGPASSWORD": "secret", "PGSSLMODE": "require"},
        ),
        ("postgresql+asyncpg://postgres@/postgres?host=/run/postgresql", {"PGHOST": "/run/postgresql"}),
        (
            "postgresql+asyncpg://owner@/kaochang?host=a:5432&host=b:5433&target_session_attrs=read-write",
            {"PGHOST": "a,b", "PGPORT": "5432,5433", "PGTARGETSESSIONATTRS": "read-write", "PGDATABASE": "kaochang"},
        ),
    ],
)
def test_they_find_it_at_the_same_address(url: str, expected: dict[str, str]) -> None:
    assert environment_of(url).items() >= expected.items()
