"""What is shipped: the wheel holds all that a service needs; image and composition are made of real parts."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from sqlalchemy import make_url

from app.core.rights import SERVICE_ROLE
from app.core.settings import Settings

ROOT = Path(__file__).parents[1]
VARIABLES = {f"KAOCHANG_{name.upper()}" for name in Settings.model_fields}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_bytes()


def instructions() -> list[tuple[str, str]]:
    """Instruction and value, continued lines joined."""
    parser = DockerfileParser(fileobj=BytesIO(DOCKERFILE))
    return [(part["instruction"], part["value"]) for part in parser.structure if part["instruction"] != "COMMENT"]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction, value in instructions():
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, value))
    return found


def values(stage: list[tuple[str, str]], instruction: str) -> list[str]:
    return [value for name, value in stage if name == instruction]


def copied_from_the_context() -> set[str]:
    """Every file and folder that the Dockerfile copies from the repository."""
    return {
        source
        for instruction, value in instructions()
        if instruction == "COPY" and not value.startswith("--from=")
        for source in value.split()[:-1]
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    run("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


def run(*arguments: str | Path, packages: Path | None = None) -> str:
    """Runs Python away from the repository, with `packages` before all others; its output."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if packages is not None:
        environment["PYTHONPATH"] = str(packages)
    done = subprocess.run(  # noqa: S603 -- our own Python
        [sys.executable, *arguments], cwd=packages or "/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_every_file_of_the_package_and_the_migrations(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    assert set(shipped("app", "app")) | set(shipped("alembic", "app/alembic")) <= names
    assert any(re.fullmatch(r"app/data/standards/.+\.yaml", name) for name in names)
    assert any(re.fullmatch(r"app/data/item_banks/.+/.+\.yaml", name) for name in names)
    assert any(re.fullmatch(r"app/alembic/versions/.+\.py", name) for name in names)
    assert not any(name.startswith("tests/") or "__pycache__" in name for name in names)


def shipped(folder: str, under: str) -> Iterator[str]:
    for path in (ROOT / folder).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{under}/{path.relative_to(ROOT / folder).as_posix()}"


def test_the_wheel_carries_its_license(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    (metadata,) = (name for name in names if name.endswith("METADATA"))
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "License-Expression: Apache-2.0" in ZipFile(wheel).read(metadata).decode()


def test_the_command_works_from_the_wheel(installed: Path) -> None:
    output = run(installed / "bin" / "kaochang", "--help", packages=installed)
    assert "serve" in output
    assert "考场" in output


def test_the_wheel_finds_its_own_migrations_and_data(installed: Path) -> None:
    code = "import app; from app.core.migrations import MIGRATIONS; print(app.__file__, MIGRATIONS, sep='\\n')"
    module, migrations = run("-c", code, packages=installed).splitlines()
    assert Path(module).parent == installed / "app"
    assert Path(migrations) == installed / "app" / "alembic"


def test_locks_pin_every_package_with_hashes_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        packages = re.split(r"\n(?=\S)", re.sub(r"(?m)^ +#.*\n", "", text))
        assert all(re.match(r"[a-z0-9][a-z0-9._-]*(\[.+\])?==\S+", package) for package in packages)
        assert all("--hash=sha256:" in package for package in packages)
        assert "://" not in text


def test_every_dependency_is_locked() -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    output = run("-c", "import importlib.metadata as m, json; print(json.dumps(m.requires('kaochang')))")
    wanted = [re.split(r"[<>=;\[ ]", line)[0].lower() for line in json.loads(output) if "extra ==" not in line]
    assert [name for name in wanted if not re.search(rf"(?m)^{re.escape(name)}(\[.+\])?==", locked)] == []


def test_the_image_is_built_in_one_stage_and_runs_in_another() -> None:
    pages, build, runtime = stages()
    assert "AS pages" in values(pages, "FROM")[0]
    assert values(pages, "RUN") == ["npm ci && npm run build"]
    assert "AS build" in values(build, "FROM")[0]
    assert all(value.startswith("--from=build ") for value in values(runtime, "COPY"))
    installs = [command for command in values(build, "RUN") if "pip install" in command and ".lock" in command]
    assert installs
    assert all("--require-hashes" in command for command in installs)


def test_the_image_does_not_run_as_root() -> None:
    users = values(stages()[-1], "USER")
    assert users
    assert users[-1] not in ("root", "0")


def test_the_image_checks_its_health_at_a_real_address() -> None:
    (check,) = values(stages()[-1], "HEALTHCHECK")
    assert "/api/v1/healthz" in check
    assert json.loads(values(stages()[-1], "CMD")[-1]) == ["kaochang", "serve", "--host", "0.0.0.0"]  # noqa: S104


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    for source in copied_from_the_context():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored, source


def test_nothing_else_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied_from_the_context()


def test_the_composition_migrates_a_healthy_database_before_it_serves() -> None:
    api, migration, database = (COMPOSE["services"][name] for name in ("api", "migration", "database"))
    assert (ROOT / api["build"] / "Dockerfile").is_file()
    assert api["depends_on"]["migration"] == {"condition": "service_completed_successfully"}
    assert migration["build"] == api["build"]
    assert migration["command"] == "kaochang migrate"
    assert migration["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert database["image"] == "postgres:18"
    assert database["healthcheck"]["test"][1] == "pg_isready"
    volume, target = database["volumes"][0].split(":")
    assert volume in COMPOSE["volumes"]
    assert target == "/var/lib/postgresql"


def test_the_service_is_given_no_password_of_the_owner_of_the_tables() -> None:
    api, migration = (COMPOSE["services"][name]["environment"] for name in ("api", "migration"))
    assert "KAOCHANG_MIGRATION_DATABASE_URL" not in api
    service, owner = make_url(api["KAOCHANG_DATABASE_URL"]), make_url(migration["KAOCHANG_MIGRATION_DATABASE_URL"])
    assert service.username == SERVICE_ROLE
    assert owner.username == COMPOSE["services"]["database"]["environment"]["POSTGRES_USER"]
    assert "POSTGRES_PASSWORD" not in str(api)


def test_variables_are_settings() -> None:
    text = DOCKERFILE.decode() + (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"KAOCHANG_[A-Z_]+", text))
    assert named
    assert named <= VARIABLES


def test_no_secret_is_written_down() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("(SECRET|PASSWORD)[A-Z_]*(?<!__FILE)$", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?.+\}", value), name
            assert not re.search(r"://[^:/]+:[^$@]+@", str(value)), name
    assert not re.search(r"(?i)(secret|password)\w*=\S", DOCKERFILE.decode())


def test_continuous_integration_runs_the_tests_of_the_makefile() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")
    assert "make --no-print-directory test" in script.read_text(encoding="utf-8")
