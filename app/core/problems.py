"""Problems: every refusal of the service, as RFC 9457 problem details in Chinese and English."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from app.core.problem_catalog import CATALOG, ProblemType, Text

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True)
class FieldError:
    """What is wrong at one place of the input.

    `place` is a path such as `items[3].key` or `row 7, 身份证号`; `code` is stable; `params` fill the
    catalogue's text of `code`, a `Text` in the language of the answer.
    """

    place: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    clause: str | None = None

    def render(self, language: Language) -> dict[str, Any]:
        params = {
            name: value.in_language(language) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        text = CATALOG[self.code].detail.in_language(language).format(**params)
        body = {"place": self.place, "code": self.code, "detail": text}
        return body if self.clause is None else body | {"clause": self.clause}


class Problem(Exception):
    """A refusal with a stable code from the catalogue.

    `params` fill the catalogue's texts; `extra` members are added to the answer as they are; `clause` names
    the clause of the standard that refuses (RFC 9457, section 3.2: extension members).
    """

    def __init__(
        self,
        code: str,
        *,
        clause: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        self.type: ProblemType = CATALOG[code]
        self.code = code
        self.clause = clause
        self.errors = tuple(errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.params = params
        super().__init__(f"{code}: {self.detail('en')}")

    def __reduce__(self) -> tuple[Callable[[], "Problem"], tuple[()]]:
        """An exception by itself pickles only the arguments of its base class."""
        again = partial(
            Problem,
            self.code,
            clause=self.clause,
            errors=self.errors,
            extra=self.extra,
            headers=self.headers,
            **self.params,
        )
        return again, ()

    @property
    def status(self) -> int:
        return self.type.status

    def detail(self, language: Language) -> str:
        return self.type.detail.in_language(language).format(**self.params)

    def render(self, language: Language) -> dict[str, Any]:
        """The problem-details object: `type`, `title`, `status`, `detail`, `code` and what applies of the rest."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.type.title.in_language(language),
            "status": self.status,
            "detail": self.detail(language),
            "code": self.code,
        }
        if self.clause is not None:
            body["clause"] = self.clause
        if self.errors:
            body["errors"] = [error.render(language) for error in self.errors]
        return body | self.extra
