"""The pages' types are those of the interface as it is now."""

import json
import os
import subprocess
import sys
from pathlib import Path

from app.commands.openapi import describe

WEB = Path(__file__).parents[2] / "web"
GENERATOR = WEB / "node_modules" / ".bin" / "openapi-typescript"


def test_the_client_is_generated_from_the_present_description(tmp_path: Path) -> None:
    assert GENERATOR.exists(), "make pages"
    description, generated = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    description.write_text(json.dumps(describe(), ensure_ascii=False), encoding="utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([GENERATOR, description, "--output", generated], check=True, env=environment, capture_output=True)  # noqa: S603
    committed = (WEB / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert generated.read_text(encoding="utf-8") == committed, "out of date: run `make interface`"
