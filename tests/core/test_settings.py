"""Settings come from the environment under `KAOCHANG_`, and unsafe ones are refused at the start."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.settings import Settings

SECRET = "a secret of the tests that is long enough"
EXTERNAL = "postgresql://kaochang:password@db/kaochang"


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KAOCHANG_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("data_dir", "/srv/kaochang", Path("/srv/kaochang")),
        ("port", "9000", 9000),
        ("log_level", "debug", "debug"),
        ("candidate_lockout", "PT2M", timedelta(minutes=2)),
        ("sweep_interval", "PT0.5S", timedelta(seconds=0.5)),
    ],
)
def test_each_setting_has_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    monkeypatch.setenv(f"KAOCHANG_{name.upper()}", value)
    assert getattr(Settings(), name) == expected


def test_other_programs_variables_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", EXTERNAL)
    assert Settings() == Settings(port=8000, database_url=None)


def test_an_external_database_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOCHANG_DATABASE_URL", EXTERNAL)
    with pytest.raises(ValidationError, match="KAOCHANG_SECRET_KEY"):
        Settings()
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", SECRET)
    assert Settings().database_url == EXTERNAL


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "thirty-one characters, no more."),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("LOG_LEVEL", "loud"),
        ("POOL_SIZE", "0"),
        ("SAVE_QUEUE_LIMIT", "0"),
    ],
)
def test_values_out_of_range_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KAOCHANG_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_secret_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOCHANG_SECRET_KEY", SECRET)
    assert SECRET not in repr(Settings())
    assert SECRET not in Settings().model_dump_json()
