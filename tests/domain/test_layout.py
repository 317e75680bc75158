"""A candidate's own order is a permutation, reproducible, and its answers map back."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.answers import LETTERS, as_authored, responses_digest
from app.domain.items import ItemType
from app.domain.layout import Layout, answer_forms, make_layout
from app.domain.papers import PaperContent
from tests.domain.answers import as_seen, fits
from tests.domain.strategies import answers_of, papers

SEEDS = st.integers(0, 2**48 - 1)
ANY_ANSWER = st.text(alphabet="ABCDEFGHT", max_size=5)


@given(papers(), SEEDS)
def test_every_item_once_sections_in_order_and_reproducible(paper: PaperContent, seed: int) -> None:
    layout = make_layout(paper, seed, shuffle_items=True, shuffle_options=True)
    assert sorted(placement.position for placement in layout.placements) == [item.position for item in paper.items]
    items = paper.by_position
    types = [items[placement.position].type for placement in layout.placements]
    assert types == sorted(types, key=list(ItemType).index)
    assert layout == make_layout(paper, seed, shuffle_items=True, shuffle_options=True)
    assert layout == Layout.from_json(layout.to_json())
    for placement in layout.placements:
        assert sorted(placement.option_order) == list(range(len(items[placement.position].options)))


@given(papers(), SEEDS)
def test_without_shuffling_the_paper_is_as_authored(paper: PaperContent, seed: int) -> None:
    layout = make_layout(paper, seed, shuffle_items=False, shuffle_options=False)
    assert [placement.position for placement in layout.placements] == [item.position for item in paper.items]
    assert all(list(p.option_order) == sorted(p.option_order) for p in layout.placements)


@given(papers(), SEEDS, st.data())
def test_answers_map_back_to_what_was_authored(paper: PaperContent, seed: int, data: st.DataObject) -> None:
    layout = make_layout(paper, seed, shuffle_items=True, shuffle_options=True)
    items = paper.by_position
    for placement in layout.placements:
        answer = data.draw(answers_of(items[placement.position]))
        assert as_authored(as_seen(answer, placement.option_order), placement.option_order) == answer


@given(papers(), SEEDS, ANY_ANSWER, st.data())
def test_the_form_of_an_item_takes_its_answers_and_no_others(
    paper: PaperContent, seed: int, anything: str, data: st.DataObject
) -> None:
    layout = make_layout(paper, seed, shuffle_items=True, shuffle_options=True)
    items = paper.by_position
    for form, placement in zip(answer_forms(paper, layout), layout.placements, strict=True):
        item = items[placement.position]
        assert fits(form, data.draw(answers_of(item)))
        letters = set(LETTERS[: len(item.options)])
        allowed = {
            ItemType.true_false: anything in ("", "T", "F"),
            ItemType.single: anything == "" or (len(anything) == 1 and anything in letters),
            ItemType.multiple: list(anything) == sorted(set(anything)) and set(anything) <= letters,
        }[item.type]
        assert fits(form, anything) == allowed


@given(st.dictionaries(st.integers(1, 200), st.sampled_from(["", "A", "BD", "T"])), st.randoms())
def test_the_digest_does_not_depend_on_order_nor_on_empty_answers(answers: dict[int, str], random: object) -> None:
    reordered = dict(sorted(answers.items(), key=lambda pair: hash((pair, id(random)))))
    answered = {number: answer for number, answer in answers.items() if answer}
    assert responses_digest(answers) == responses_digest(reordered) == responses_digest(answered)


def test_the_digest_is_as_documented() -> None:
    # printf '1:B\n3:ACD\n' | sha256sum
    assert responses_digest({3: "ACD", 1: "B", 2: ""}) == (
        "029af1baa394c9cd076ff1e8f8dadab3c12e75ba33cbe69cc497c8e20ee3c14e"
    )
