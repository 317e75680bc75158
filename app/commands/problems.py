"""`kaochang problems`: the catalogue of problem types, as it stands in docs/problems.md."""

from itertools import groupby

import typer

from app.core.problem_catalog import CATALOG, ProblemType

HEAD = """\
# 错误代码 / Problem codes

由 `kaochang problems > docs/problems.md` 生成。Made by `kaochang problems > docs/problems.md`.

`code` 不会更名；`{...}` 处为具体内容。只出现在 `errors` 各项中的代码不决定响应状态，所列状态仅为归类。
Codes are never renamed; values stand in place of `{...}`. A code that occurs only within `errors` does not decide the
status of the answer; there the status is a classification.
"""


def problems() -> None:
    """错误代码一览（Markdown） The problem codes with status and meaning, as Markdown."""
    typer.echo(catalogue_page(), nl=False)


def catalogue_page() -> str:
    """All codes by status, then by name, with title and detail in Chinese and English."""
    kinds = sorted(CATALOG.items(), key=lambda entry: (entry[1].status, entry[0]))
    parts = [HEAD]
    for status, section in groupby(kinds, key=lambda entry: entry[1].status):
        rows = "".join(_row(code, kind) for code, kind in section)
        parts.append(f"\n## {status}\n\n| code | 含义 | Meaning |\n| --- | --- | --- |\n{rows}")
    return "".join(parts)


def _row(code: str, kind: ProblemType) -> str:
    title, detail = kind.title, kind.detail
    return f"| `{code}` | {title.zh}：{detail.zh} | {title.en}: {detail.en} |\n"
