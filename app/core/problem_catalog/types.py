"""What an entry of the catalogue is."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Text:
    zh: str
    en: str

    def in_language(self, language: Literal["zh-CN", "en"]) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class ProblemType:
    """`detail` is a `str.format` template filled by the problem's parameters."""

    status: int
    title: Text
    detail: Text


def entry(status: int, title_zh: str, title_en: str, detail_zh: str, detail_en: str) -> ProblemType:
    return ProblemType(status, Text(title_zh, title_en), Text(detail_zh, detail_en))
