"""nginx's files: taken by nginx itself where it is installed, else by its parser; and they fit the service."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import crossplane
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.core.clock import Clock
from app.core.context import Context
from app.core.database import Database
from app.core.keyring import Keyring
from app.core.problem_catalog import CATALOG
from app.core.settings import Settings
from app.domain.body_limits import LARGER, MEGABYTE, USUAL
from app.main import create_app, routes_of
from tests.conftest import LOADED_AT, SECRET

NGINX = Path(__file__).parents[2] / "deploy" / "nginx"
UNITS = {"k": 1024, "m": MEGABYTE}

Block = list[dict[str, Any]]


def parsed(file: str) -> Block:
    """The directives of one file, judged by name, place and number of arguments."""
    found = crossplane.parse(str(NGINX / file), single=True, strict=True, check_ctx=False)
    assert found["status"] == "ok", found["errors"]
    (config,) = found["config"]
    block: Block = config["parsed"]
    return block


SITE = parsed("site.conf")
LOCATIONS: dict[str, Block] = {
    " ".join(one["args"]): one["block"] for one in SITE if one["directive"] == "location" and one["args"][0][0] != "@"
}


def values(block: Block, directive: str) -> list[list[str]]:
    return [one["args"] for one in block if one["directive"] == directive]


def location_of(path: str) -> Block:
    """As nginx chooses: an exact one, else the first regular expression, else the prefix."""
    if f"= {path}" in LOCATIONS:
        return LOCATIONS[f"= {path}"]
    for name, block in LOCATIONS.items():
        if name.startswith("~ ") and re.search(name[2:], path):
            return block
    return LOCATIONS["/"]


@pytest.mark.parametrize("site", ["http.conf", "https.conf"])
def test_nginx_takes_the_files(site: str, tmp_path: Path) -> None:
    for file in NGINX.glob("*.conf"):
        text = file.read_text(encoding="utf-8").replace("/etc/nginx/kaochang", str(tmp_path))
        (tmp_path / file.name).write_text(text.replace("/etc/nginx/tls", str(tmp_path)), encoding="utf-8")
    make_certificate(tmp_path)
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ include {tmp_path / site}; }}\n")
    if nginx := shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin"):
        done = subprocess.run(  # noqa: S603
            [nginx, "-t", "-p", str(tmp_path), "-c", str(main)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    else:
        found = crossplane.parse(str(main), strict=True)
        assert found["status"] == "ok", found["errors"]


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kaochang")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(LOADED_AT)
        .not_valid_after(LOADED_AT.replace(year=2099))
        .sign(key, SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_the_processes_of_the_composition_are_found_by_name() -> None:
    (upstream,) = [one for one in parsed("upstream.compose.conf") if one["directive"] == "upstream"]
    assert upstream["args"] == ["kaochang"]
    assert values(upstream["block"], "server")[0][:2] == ["api:8000", "resolve"]


def test_the_address_of_a_client_is_written_by_nginx_alone() -> None:
    headers = dict(values(SITE, "proxy_set_header"))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    for block in LOCATIONS.values():
        assert values(block, "proxy_set_header") == [], "one of its own would take the others away"


def paths() -> list[str]:
    context = Context(
        Settings(secret_key=SECRET), Database("postgresql+asyncpg://no@where/db"), Keyring(SECRET), Clock()
    )
    return sorted(
        {
            re.sub(r"\{[^}]+\}", "01a20d8b-958d-701c-95a3-895894ac9658", str(one.path))
            for one in routes_of(create_app(context))
        }
    )


@pytest.mark.parametrize("path", [path for path in paths() if path.endswith("/stream")])
def test_streams_are_passed_on_as_they_come(path: str) -> None:
    block = location_of(path)
    assert values(block, "proxy_buffering") == [["off"]]
    assert values(block, "proxy_read_timeout") == [["1h"]]
    assert values(block, "proxy_pass") == [["http://kaochang"]]


def test_only_streams_are() -> None:
    unbuffered = [path for path in paths() if values(location_of(path), "proxy_buffering")]
    assert [path for path in unbuffered if not path.endswith("/stream")] == []


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/api/v1/auth/refresh", "/api/v1/exam/login"])
def test_logins_are_limited_by_address(path: str) -> None:
    assert path in paths()
    ((zone, burst, nodelay),) = values(location_of(path), "limit_req")
    zones = {args[1].split(":")[0]: args for args in values(parsed("common.conf"), "limit_req_zone")}
    assert zones[zone][0] == "$binary_remote_addr"
    assert int(burst.removeprefix("burst=")) > 0
    assert nodelay == "nodelay"


def test_a_body_that_the_service_takes_passes_nginx() -> None:
    ((size,),) = values(SITE, "client_max_body_size")
    assert int(size[:-1]) * UNITS[size[-1]] > max(limit for _, limit in LARGER) * MEGABYTE
    for path in paths():
        for ((own,),) in (
            [values(location_of(path), "client_max_body_size")]
            if values(location_of(path), "client_max_body_size")
            else []
        ):
            assert int(own[:-1]) * UNITS[own[-1]] <= USUAL * MEGABYTE


def test_figures_are_not_for_who_comes_through_nginx() -> None:
    block = location_of("/api/v1/metrics")
    assert values(block, "return") == [["404"]]
    assert values(block, "proxy_pass") == []


def test_what_nginx_refuses_by_itself_is_a_problem_of_the_catalogue() -> None:
    named = [one for one in SITE if one["directive"] == "location" and one["args"][0].startswith("@")]
    assert {args[-1] for args in values(SITE, "error_page")} == {one["args"][0] for one in named}
    for one in named:
        ((status, body),) = values(one["block"], "return")
        problem = json.loads(body)
        assert values(one["block"], "default_type") == [["application/problem+json"]]
        assert (problem["status"], CATALOG[problem["code"]].status) == (int(status), int(status))
        assert problem["type"] == f"/problems/{problem['code']}"


def test_the_log_holds_no_query() -> None:
    (format_,) = values(parsed("common.conf"), "log_format")
    assert not {"$request", "$request_uri", "$args", "$query_string"} & set(re.findall(r"\$\w+", " ".join(format_)))
