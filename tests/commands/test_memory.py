"""What a server process does not load before somebody needs it: with all of it, it would be half as large again."""

import subprocess
import sys

import pytest

START = "import sys; import app.cli; import app.main; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a process that has made ready to serve."""
    command = [sys.executable, "-c", START]
    made = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return set(made.stdout.split())


@pytest.mark.parametrize(
    ("library", "needed_for"),
    [
        ("ortools", "assembling papers"),
        ("pandas", "nothing but ortools"),
        ("numpy", "nothing but ortools and openpyxl"),
        ("openpyxl", "spreadsheets"),
        ("typst", "printing"),
        ("fontTools", "printing"),
        ("pypdf", "printing"),
        ("segno", "printing"),
        ("zxcvbn", "new passwords"),
        ("matplotlib", "the picture of a rehearsal"),
    ],
)
def test_a_server_is_small_because_it_loads_a_library_only_when_needed(
    loaded: set[str], library: str, needed_for: str
) -> None:
    assert library not in loaded, f"loaded at the start, and only needed for {needed_for}"
