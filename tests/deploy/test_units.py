"""The other files for an installation: PostgreSQL's and PgBouncer's settings, systemd's units, the composition."""

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url
from typer.testing import CliRunner

from app.cli import app
from app.core.database import CONNECTION_SETTINGS
from app.core.embedded import CARRIED_BINARIES
from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
POSTGRESQL = DEPLOY / "postgresql" / "kaochang.conf"
UNITS = sorted(path for path in (DEPLOY / "systemd").iterdir() if path.suffix in (".service", ".timer", ".target"))
VARIABLES = {f"KAOCHANG_{name.upper()}" for name in Settings.model_fields}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


class Unit(ConfigParser):
    """As systemd reads it: names keep their case, `%` stays, and of a repeated name all values count."""

    def __init__(self, path: Path) -> None:
        super().__init__(interpolation=None, delimiters=("=",), comment_prefixes=("#", ";"), strict=False)
        self.read(path, encoding="utf-8")
        self.text = path.read_text(encoding="utf-8")

    def optionxform(self, optionstr: str) -> str:
        return optionstr

    def all(self, name: str) -> list[str]:
        return re.findall(rf"(?m)^{name}=(.*)$", self.text)


@pytest.mark.parametrize("name", ["synchronous_commit", "fsync", "full_page_writes"])
def test_postgresql_keeps_what_it_acknowledged(name: str, tmp_path: Path) -> None:
    assert postgresql(name, tmp_path) == "on"


@pytest.mark.parametrize("name", ["log_parameter_max_length", "log_parameter_max_length_on_error"])
def test_postgresql_logs_no_values(name: str, tmp_path: Path) -> None:
    assert postgresql(name, tmp_path) == "0"


def postgresql(name: str, folder: Path) -> str:
    """PostgreSQL's own reading of its file."""
    command = [str(CARRIED_BINARIES / "postgres"), "-C", name, "-D", str(folder), f"--config-file={POSTGRESQL}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def pgbouncer() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read(DEPLOY / "pgbouncer" / "pgbouncer.ini", encoding="utf-8")
    return parser


def test_pgbouncer_gives_connections_away_after_each_transaction_with_prepared_statements() -> None:
    settings = pgbouncer()["pgbouncer"]
    assert settings["pool_mode"] == "transaction"
    assert int(settings["max_prepared_statements"]) > 0


def test_pgbouncer_sets_what_the_service_asks_of_a_session() -> None:
    """It keeps `timezone` per client by itself, and cannot do so for the others."""
    config = pgbouncer()
    ignored = set(config["pgbouncer"]["ignore_startup_parameters"].split(","))
    assert ignored == set(CONNECTION_SETTINGS) - {"timezone"}
    set_ = dict(re.findall(r"SET (\w+) TO (\d+)", config["databases"]["kaochang"]))
    assert set_ == {name: str(int(CONNECTION_SETTINGS[name].removesuffix("s")) * 1000) for name in ignored}


def test_connections_of_pgbouncer_fit_into_postgresql(tmp_path: Path) -> None:
    settings = pgbouncer()["pgbouncer"]
    pooled = int(settings["default_pool_size"]) + int(settings["reserve_pool_size"])
    assert pooled < int(postgresql("max_connections", tmp_path)) / 2
    assert int(settings["max_client_conn"]) >= 2 * Settings().pool_size * 16


def test_pgbouncer_knows_the_services_role_alone() -> None:
    dockerfile = (DEPLOY / "pgbouncer" / "Dockerfile").read_text(encoding="utf-8")
    assert f'\\"{SERVICE_ROLE}\\"' in dockerfile
    assert re.search(r"(?m)^USER postgres$", dockerfile)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_as_a_user_of_its_own(path: Path) -> None:
    unit = Unit(path)
    if path.suffix != ".service":
        assert unit.sections()
        return
    for command in unit.all("ExecStart"):
        (verb,) = re.findall(r"/opt/kaochang/bin/kaochang (\w+)", command)
        help_ = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200"})
        assert help_.exit_code == 0
        assert [option for option in re.findall(r"--\w+", command) if option not in help_.output] == []
    assert unit["Service"]["User"] not in ("", "root")
    assert unit["Service"]["NoNewPrivileges"] == "true"
    assert unit["Service"]["ProtectSystem"] == "strict"


def test_the_service_never_sees_the_owners_address() -> None:
    for path in UNITS:
        files = Unit(path).all("EnvironmentFile")
        assert ("/etc/kaochang/kaochang-owner.env" in files) == (
            path.name in {"kaochang-migrate.service", "kaochang-backup.service"}
        )
    example = (DEPLOY / "systemd" / "kaochang.env.example").read_text(encoding="utf-8")
    assert "KAOCHANG_MIGRATION_DATABASE_URL" not in example


def test_examples_name_settings() -> None:
    for path in (DEPLOY / "systemd").glob("*.example"):
        named = set(re.findall(r"KAOCHANG_\w+", path.read_text(encoding="utf-8")))
        assert named
        assert named <= VARIABLES


def test_units_name_units_that_are_there() -> None:
    own = {path.name for path in UNITS}
    named = {
        name for path in UNITS for name in re.findall(r"\bkaochang[\w@-]*\.(?:service|target|timer)", Unit(path).text)
    }
    assert named - {"kaochang@8001.service"} <= own


def test_the_composition_mounts_what_is_there() -> None:
    sources = [
        re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
    ]
    for source in sources:
        assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], source


def test_only_nginx_is_reached_from_outside() -> None:
    open_ = {
        name for name, service in SERVICES.items() for port in service.get("ports", ()) if not port.startswith("127.")
    }
    assert open_ == {"nginx"}


def test_the_service_believes_nginx_alone_about_addresses() -> None:
    address = SERVICES["nginx"]["networks"]["inside"]["ipv4_address"]
    assert SERVICES["api"]["environment"]["KAOCHANG_TRUSTED_PROXIES"] == address


def test_the_service_works_through_pgbouncer_and_listens_past_it() -> None:
    environment = SERVICES["api"]["environment"]
    pooled = make_url(environment["KAOCHANG_DATABASE_URL"])
    direct = make_url(environment["KAOCHANG_LISTEN_DATABASE_URL"])
    assert (pooled.host, str(pooled.port)) == ("pgbouncer", pgbouncer()["pgbouncer"]["listen_port"])
    assert (direct.host, direct.database) == ("database", pooled.database)
    assert "pgbouncer" not in str(SERVICES["migration"]["environment"])


def test_whoever_has_a_connection_for_each_candidate_may_open_as_many() -> None:
    limit = Unit(DEPLOY / "systemd" / "kaochang@.service")["Service"]["LimitNOFILE"]
    for name in ("nginx", "api", "pgbouncer"):
        assert SERVICES[name]["ulimits"]["nofile"] == int(limit)


def test_grafana_reads_what_is_mounted() -> None:
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/kaochang.yml").read_text(encoding="utf-8"))
    mounted = {volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]}
    assert {one["options"]["path"] for one in provider["providers"]} <= mounted
