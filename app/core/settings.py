"""Settings from the environment: every name begins with `KAOCHANG_`."""

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How this process runs. Without `database_url` an embedded PostgreSQL lives in `data_dir`."""

    model_config = SettingsConfigDict(env_prefix="KAOCHANG_", env_ignore_empty=True, frozen=True)

    data_dir: Path = Field(default=Path("data"), description="Private folder: embedded database, secret, demo logins.")
    database_url: str | None = Field(
        default=None,
        description="External PostgreSQL: postgresql://user:pass@host/db; of several hosts the one that takes writes: "
        "postgresql://user:pass@/db?host=a:5432&host=b:5432&target_session_attrs=read-write",
    )
    migration_database_url: str | None = Field(
        default=None,
        description="The same database as the owner of the tables, for migrations. The service then works as the role "
        "of database_url, which is given no right to alter the audit log.",
    )
    listen_database_url: str | None = Field(
        default=None,
        description="The same database, past a pooler in transaction mode, on which notifications do not arrive.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Root secret; with the embedded database it is made and kept in data_dir.",
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    stop_delay: timedelta = Field(
        default=timedelta(0), description="From readiness turning red to the end, for a balancer to learn of it."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses or networks of reverse proxies, by commas: only from these X-Forwarded-For is believed.",
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=16, description="Whoever has it may read /metrics; without it only this machine may."
    )
    time_zone: ZoneInfo = Field(default=ZoneInfo("Asia/Shanghai"), description="Of the times in printed papers.")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    pool_size: int = Field(
        default=10, ge=1, description="Database connections that one process keeps; under load it opens as many again."
    )
    access_token_life: timedelta = timedelta(minutes=15)
    refresh_token_life: timedelta = timedelta(hours=12)
    candidate_token_life: timedelta = timedelta(hours=12)
    staff_lockout_after: int = Field(default=5, ge=1, description="Failed logins of one account at one address.")
    staff_lockout_after_anywhere: int = Field(default=100, ge=1, description="Of one account at all addresses.")
    staff_lockout: timedelta = timedelta(minutes=15)
    candidate_lockout_after: int = Field(default=5, ge=1)
    candidate_lockout: timedelta = timedelta(minutes=1)
    sweep_interval: timedelta = timedelta(seconds=1)
    presence_interval: timedelta = Field(
        default=timedelta(seconds=0.5), description="Between two writings of what was heard of candidates' clients."
    )
    live_fallback: timedelta = Field(
        default=timedelta(seconds=5), description="Boards are read anew at least so often, whatever is announced."
    )
    candidate_request_burst: int = Field(
        default=20, ge=1, description="Saves and reports that one candidate's client may send at once."
    )
    candidate_request_interval: timedelta = Field(
        default=timedelta(seconds=0.2), gt=timedelta(0), description="Between two of them in the long run."
    )
    save_queue_limit: int = Field(
        default=20_000, ge=1, description="Answers waiting to be committed before 503 is given."
    )

    @model_validator(mode="after")
    def external_database_needs_a_secret(self) -> Self:
        if self.database_url is not None and self.secret_key is None:
            raise ValueError("KAOCHANG_SECRET_KEY (32 characters or more) is required with KAOCHANG_DATABASE_URL")
        if self.database_url is None and self.migration_database_url is not None:
            raise ValueError("KAOCHANG_MIGRATION_DATABASE_URL is of use only with KAOCHANG_DATABASE_URL")
        return self
