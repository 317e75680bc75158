"""The OpenAPI description as a product: FastAPI's own, with every refusal as problem details (RFC 9457)."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.routers.errors import MEDIA_TYPE, ProblemRead, problems

ALWAYS = problems("invalid_request", "internal_error")
SECURED = problems("not_authenticated", "not_allowed")
WITH_BODY = problems("body_too_large")


class DescribedAPI(FastAPI):
    """Adds to the description what FastAPI cannot know.

    Every operation may answer 422 and 500, secured ones also 401 and 403, those with a body 413; open ones say that
    they are (`security: []`); `ProblemRead` is the schema of every refusal.
    """

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            description = super().openapi()
            description["components"]["schemas"] |= _problem_schemas()
            for operation in operations_of(description):
                secured = operation.setdefault("security", [])
                _add(operation["responses"], ALWAYS | SECURED if secured else ALWAYS)
                if "requestBody" in operation:
                    _add(operation["responses"], WITH_BODY)
                _without_item_schemas(operation)
        return super().openapi()


def operations_of(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of an OpenAPI description."""
    for path in description["paths"].values():
        yield from path.values()


def _add(responses: dict[str, Any], more: dict[int | str, dict[str, Any]]) -> None:
    for status, response in more.items():
        documented = responses.setdefault(str(status), {"description": response["description"], "content": {}})
        examples = documented["content"].get(MEDIA_TYPE, {}).get("examples", {})
        new = response["content"][MEDIA_TYPE]
        documented["content"] = {MEDIA_TYPE: new | {"examples": new["examples"] | examples}}


def _without_item_schemas(operation: dict[str, Any]) -> None:
    """`itemSchema` of streams is OpenAPI 3.2; a route gives the schema of its events' data as that of its answer."""
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            content.pop("itemSchema", None)


def _problem_schemas() -> dict[str, Any]:
    _, document = models_json_schema([(ProblemRead, "serialization")], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = document["$defs"]
    return schemas
