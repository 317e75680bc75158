"""The OpenAPI description is a product: other systems are written from it alone."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.commands.openapi import describe
from app.routers.errors import MEDIA_TYPE

TYPED = {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"}
TAGS_WITHOUT_LOGIN = {"operations", "auth", "exam"}


DESCRIPTION = describe()
SCHEMAS: dict[str, dict[str, Any]] = DESCRIPTION["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DESCRIPTION["paths"].items()
    for method, operation in operations.items()
}


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Where, media type and content of the request and of every response."""
    if "requestBody" in operation:
        for media_type, content in operation["requestBody"]["content"].items():
            yield "request", media_type, content
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield status, media_type, content


def schemas_inside(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all that it is built of, without following references."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for part in schema.get(keyword, []):
            yield from schemas_inside(part)
    for part in (schema.get("items"), schema.get("additionalProperties"), *schema.get("properties", {}).values()):
        yield from schemas_inside(part)


def request_schemas(media_type: str | None = None) -> set[str]:
    """The names of the schemas that request bodies (of the media type) are built of, at any depth."""
    found: set[str] = set()
    waiting = [
        content["schema"]
        for operation in OPERATIONS.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if media_type in (None, kind)
    ]
    while waiting:
        for part in schemas_inside(waiting.pop()):
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(SCHEMAS[name])
    return found


def faults(example: Any, schema: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(
        {"components": DESCRIPTION["components"], **schema}, format_checker=FormatChecker()
    )
    return [error.message for error in validator.iter_errors(example)]


def test_is_valid_openapi_3_1() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(DESCRIPTION).iter_errors()] == []


def test_operation_ids_are_unique_verb_noun() -> None:
    ids = [operation.get("operationId", "") for operation in OPERATIONS.values()]
    assert [id_ for id_ in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", id_)] == []
    assert len(set(ids)) == len(ids)


def test_summaries_are_chinese_first_then_english() -> None:
    summaries = [operation.get("summary", "") for operation in OPERATIONS.values()]
    assert [text for text in summaries if not re.match(r"^[^A-Za-z]*[\u4e00-\u9fff].*[A-Za-z]{2}", text)] == []


def test_every_operation_has_one_tag() -> None:
    assert [name for name, operation in OPERATIONS.items() if len(operation.get("tags", [])) != 1] == []


def test_every_operation_is_secured_or_said_to_be_open() -> None:
    schemes = DESCRIPTION["components"]["securitySchemes"]
    for name, operation in OPERATIONS.items():
        requirements = operation["security"]
        assert all(set(requirement) <= set(schemes) for requirement in requirements), name
        if not requirements:
            assert operation["tags"][0] in TAGS_WITHOUT_LOGIN, name


def test_staff_operations_name_scopes_that_the_token_call_offers() -> None:
    offered = set(DESCRIPTION["components"]["securitySchemes"]["staff"]["flows"]["password"]["scopes"])
    named = {
        scope
        for operation in OPERATIONS.values()
        for requirement in operation["security"]
        for scope in requirement.get("staff", [])
    }
    assert named
    assert named <= offered


def test_secured_operations_document_401_and_403() -> None:
    for name, operation in OPERATIONS.items():
        if operation["security"]:
            assert {"401", "403"} <= set(operation["responses"]), name


@pytest.mark.parametrize("name", OPERATIONS)
def test_refusals_are_problem_details_with_examples(name: str) -> None:
    refusals = {status: answer for status, answer in OPERATIONS[name]["responses"].items() if status[0] in "45"}
    assert {"422", "500"} <= set(refusals)
    for status, answer in refusals.items():
        assert list(answer["content"]) == [MEDIA_TYPE]
        content = answer["content"][MEDIA_TYPE]
        assert content["schema"] == {"$ref": "#/components/schemas/ProblemRead"}
        assert content["examples"]
        for code, example in content["examples"].items():
            assert (example["value"]["code"], example["value"]["status"]) == (code, int(status))


def test_the_frameworks_own_validation_error_is_gone() -> None:
    assert {"HTTPValidationError", "ValidationError"} & set(SCHEMAS) == set()


@pytest.mark.parametrize("name", OPERATIONS)
def test_success_has_a_schema(name: str) -> None:
    successes = {status: answer for status, answer in OPERATIONS[name]["responses"].items() if status[0] == "2"}
    assert successes
    for status, answer in successes.items():
        contents = answer.get("content", {})
        assert bool(contents) == (status != "204"), f"{name} {status}"
        assert all(content.get("schema") for content in contents.values()), f"{name} {status}"


def test_every_property_and_parameter_has_a_type() -> None:
    untyped = [
        f"{name}.{place}"
        for name, schema in SCHEMAS.items()
        for part in schemas_inside(schema)
        for place, property_ in part.get("properties", {}).items()
        if not TYPED & property_.keys()
    ]
    untyped += [
        f"{name} {parameter['name']}"
        for name, operation in OPERATIONS.items()
        for parameter in operation.get("parameters", [])
        if not TYPED & parameter["schema"].keys()
    ]
    assert untyped == []


def test_requests_refuse_members_that_nobody_knows() -> None:
    """A misspelt member is an error, not silently left out. Forms are as their own standards say (RFC 6749, 3.2)."""
    open_to_anything = [
        name
        for name in request_schemas("application/json")
        if "properties" in SCHEMAS[name] and SCHEMAS[name].get("additionalProperties") is not False
    ]
    assert open_to_anything == []


def test_examples_are_valid_by_their_schemas() -> None:
    found = 0
    for name, schema in SCHEMAS.items():
        for part in schemas_inside(schema):
            for example in part.get("examples", []):
                found += 1
                assert faults(example, part) == [], f"{name}: {example}"
    for name, operation in OPERATIONS.items():
        for place, _, content in bodies(operation):
            examples = [example["value"] for example in content.get("examples", {}).values()]
            for example in [*examples, *([content["example"]] if "example" in content else [])]:
                found += 1
                assert faults(example, content["schema"]) == [], f"{name} {place}: {example}"
    assert found > len(OPERATIONS)


def test_request_properties_say_what_they_take() -> None:
    """By an example, a description, a closed vocabulary, a default, or a type that leaves no question."""
    saying = {"examples", "description", "default", "$ref", "enum", "const", "format", "contentMediaType"}
    silent = [
        f"{schema}.{name}"
        for schema in request_schemas()
        for name, property_ in SCHEMAS[schema].get("properties", {}).items()
        if property_.get("type") != "boolean" and not any(saying & part.keys() for part in schemas_inside(property_))
    ]
    assert silent == []


class Links(HTMLParser):
    """The addresses a page loads from."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name in ("href", "src") and value]


async def test_the_interactive_page_works_without_the_internet(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    links = Links()
    links.feed(page.text)
    assert page.status_code == 200
    assert len(links.addresses) >= 3
    assert re.findall(r"https?:|[\"']//", page.text) == []
    for address in links.addresses:
        assert (await http.get(address)).status_code == 200, address


async def test_the_description_is_served(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/openapi.json")).json() == DESCRIPTION


def test_version_is_that_of_the_package() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{DESCRIPTION["info"]["version"]}"' in project
