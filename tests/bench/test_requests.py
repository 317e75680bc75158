"""What the generators send is what the service takes."""

import json
from dataclasses import asdict

import pytest

from app.domain.answers import answer_form
from app.domain.items import ItemType
from app.schemas.exam import ResponsesSaved
from bench.answers import KINDS, pairs_for
from bench.bare import REPLY
from bench.crowd.plan import Bell, Call, Member, Reader, Writer, Writing, http_request, scene_of

FORMS = [answer_form(type_, options) for type_ in ItemType for options in range(2, 9)]


def test_every_form_of_item_has_two_answers() -> None:
    assert {KINDS[form] for form in FORMS} == {("T", "F"), ("A", "B"), ("AB", "B")}


def test_answers_suit_all_papers_or_none() -> None:
    assert pairs_for(["4Et", "3Dt"]) == [("A", "B"), ("AB", "B"), ("T", "F")]
    with pytest.raises(ValueError, match="differ"):
        pairs_for(["4Et", "tE4"])
    with pytest.raises(ValueError, match="shorter"):
        pairs_for(["4Et", "4E"])


def test_the_bare_route_answers_as_a_save_is_answered() -> None:
    reply = ResponsesSaved.model_validate_json(REPLY % 7)
    assert len(reply.model_dump_json()) == pytest.approx(len(REPLY % 7), abs=20)
    assert b'"outcome":"saved"' in REPLY, "what the generator counts"


def test_requests_are_whole() -> None:
    head, _, body = http_request("POST", "/exam/submit", "abc", '{"last_sequence":7}').partition("\r\n\r\n")
    assert json.loads(body) == {"last_sequence": 7}
    assert {"Content-Length: 19", "Authorization: Bearer abc"} <= set(head.splitlines())
    assert "Content-Length: 0\r\n" in http_request("POST", "/exam/start", "abc")
    assert "Content-Length" not in http_request("GET", "/exam/paper", "abc")


@pytest.mark.parametrize(
    "scene",
    [
        Bell([Member(1, [Call("start", "POST"), Call("paper", "GET")])], 1.0),
        Writing([Writer(1, "id", "token")], [Reader(2, "GET")], [["A", "B"]], 20.0, 15.0, 60.0, 5.0),
    ],
)
def test_a_scene_is_read_as_it_was_written(scene: Bell | Writing) -> None:
    assert scene_of(json.loads(json.dumps(asdict(scene)))) == scene
