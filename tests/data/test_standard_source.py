"""The shipped standard against the printed one: every numbered line of section 1 to 4, word for word, both ways.

The source is read here by patterns over its lines and table cells, without help of the data.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.standard import Standard, parse_standard

ROOT = Path(__file__).parents[2]
SOURCE_FILE = ROOT.parent / "shared/standard/3-01-01-01_2020.txt"
DATA_FILE = ROOT / "app/data/standards/3-01-01-01_2020.yaml"

HEADING = re.compile(r"^(\d+(?:\.\d+)*) (\D\S*)$")
BRACKETED = re.compile(r"^(?:- )?(\(\d+\)) (.+)$")
NUMBERED = re.compile(r"(\d\.\d\.\d) (.*?)(?=\s*\d\.\d\.\d |\s*$)")
FOOTNOTE = re.compile(r"^(?:[①②]|高校：|技校：|高职：|其他：)")

Lines = list[tuple[str, str]]


@pytest.fixture(scope="module")
def body() -> list[str]:
    """The lines of section 1 to 4, without blank ones; superscript marks written `^①` as `①`."""
    if not SOURCE_FILE.is_file():
        pytest.fail(
            f"the text of the standard is needed at {SOURCE_FILE.relative_to(ROOT.parent)} beside the repository"
        )
    text = SOURCE_FILE.read_text(encoding="utf-8").replace("^①", "①").replace("^②", "②")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[lines.index("1 职业概况") :]


@pytest.fixture(scope="module")
def standard() -> Standard:
    return parse_standard(DATA_FILE.read_text(encoding="utf-8"))


def between(body: list[str], first: str, last: str | None) -> list[str]:
    """The lines after the heading `first`, up to the heading `last`."""
    rest = body[body.index(first) + 1 :]
    return rest if last is None else rest[: rest.index(last)]


def cells(line: str) -> list[str]:
    return [re.sub(r"</?p>", " ", cell).strip() for cell in line.strip("|").split("|")]


def numbered(cell: str) -> Lines:
    return [(number, text.strip()) for number, text in NUMBERED.findall(cell)]


def test_headings_and_prose_are_the_source_s(body: list[str], standard: Standard) -> None:
    prose: dict[tuple[str, str], list[str]] = {}
    lines: list[str] = []
    for line in body:
        if heading := HEADING.match(line):
            lines = prose.setdefault((heading[1], heading[2]), [])
        elif not line.startswith("|"):
            lines.append(line)
    del prose["1.9.1", "申报条件"]
    kept_apart = {key for key in prose if key[0].startswith("2.")}
    expected = {key: lines for key, lines in prose.items() if key not in kept_apart} | {("1.9.1", "申报条件"): []}
    assert {(section.number, section.title): list(section.lines) for section in standard.sections} == expected
    assert len(expected) == 23


def test_the_identity_is_the_source_s(body: list[str], standard: Standard) -> None:
    assert between(body, "1.1 职业名称", "1.2 职业编码") == [f"{standard.occupation}。"]
    assert between(body, "1.2 职业编码", "1.3 职业定义") == [standard.code]
    assert between(body, "1.3 职业定义", "1.4 职业技能等级") == [standard.definition]
    cover = SOURCE_FILE.read_text(encoding="utf-8")
    assert f"（{standard.edition} 年版）" in cover
    assert f"{standard.issuer} 制定" in cover
    assert f"{standard.occupation}\n\n国家职业技能标准\n" in cover
    assert standard.title == f"{standard.occupation}国家职业技能标准"


def test_levels_and_training_hours_are_those_of_1_4_and_1_8(body: list[str], standard: Standard) -> None:
    (names,) = between(body, "1.4 职业技能等级", "1.5 职业环境条件")
    (hours,) = between(body, "1.8 培训参考学时", "1.9 职业技能鉴定要求")
    levels = [standard.level(number) for number in standard.level_numbers]
    assert [level.name for level in levels] == names.removesuffix("。").partition("：")[2].split("、")
    assert [(level.name, str(level.training_hours)) for level in levels] == re.findall(
        r"([^，]+) (\d+) 标准学时", hours
    )


def test_eligibility_clauses_are_the_source_s(body: list[str], standard: Standard) -> None:
    expected: dict[str, list[list[str]]] = {}
    for line in between(body, "1.9.1 申报条件", "1.9.2 鉴定方式"):
        if FOOTNOTE.match(line):
            continue
        if line.startswith("——"):
            clauses = expected.setdefault(line, [])
        elif clause := BRACKETED.match(line):
            clauses.append([clause[1], clause[2]])
        else:
            clauses[-1][1] += line
    found = {level.eligibility_lead: [[c.number, c.text] for c in level.eligibility] for level in standard.levels}
    assert found == expected
    assert [len(clauses) for clauses in expected.values()] == [3, 3, 3]


def test_footnotes_are_the_source_s(body: list[str], standard: Standard) -> None:
    expected = [line for line in between(body, "1.9.1 申报条件", "1.9.2 鉴定方式") if FOOTNOTE.match(line)]
    majors = standard.related_majors
    found = [standard.related_occupations.text, standard.related_majors_lead, *(major.text for major in majors)]
    assert found == expected
    assert [major.school for major in majors] == ["高校", "技校", "高职", "其他"]
    for names, text in [(standard.related_occupations.names, expected[0]), *((m.names, m.text) for m in majors)]:
        assert list(names) == text.partition("：")[2].removesuffix("等，下同。").split("、")


def test_exam_rules_are_the_numbers_of_their_clauses(body: list[str], standard: Standard) -> None:
    marks = "".join(between(body, "1.9.2 鉴定方式", "1.9.3 监考人员、考评人员与考生配比"))
    staff = "".join(between(body, "1.9.3 监考人员、考评人员与考生配比", "1.9.4 鉴定时间"))
    minutes = "".join(between(body, "1.9.4 鉴定时间", "1.9.5 鉴定场所设备"))
    theory, skills = standard.exam_rules.theory, standard.exam_rules.skills

    assert "均实行百分制" in marks
    assert {theory.total_points.value, skills.total_points.value} == {100}
    assert (
        re.findall(r"(\d+) 分（以上）者为合格", marks) == [str(theory.pass_mark.value)] == [str(skills.pass_mark.value)]
    )
    words = {"闭卷笔试": "paper", "电子计算机": "computer", "移动终端应用程序": "mobile_app"}
    named = re.findall(r"理论知识考试采用(.+?)、(.+?)或(.+?)等方式", marks)[0]
    assert [words[word] for word in named] == list(theory.delivery_modes.value)

    assert re.findall(r"监考人员与考生配比不低于 1:(\d+)，且每个考场不少于 (\d+) 名", staff) == [
        (str(theory.candidates_per_proctor.value), str(theory.minimum_proctors_per_room.value))
    ]
    assert re.findall(r"考评人员与考生配比不低于 1:(\d+)，且考评人员为 (\d+) 人以上单数", staff) == [
        (str(skills.candidates_per_examiner.value), str(skills.minimum_examiners.value))
    ]
    assert skills.odd_examiners.value

    least = [int(n) for n in re.findall(r"各等级均不少于 (\d+)min", minutes)]
    assert [set(rules.minimum_minutes.value.values()) for rules in (theory, skills)] == [{n} for n in least]

    clauses = {
        name: {rules[name].clause for rules in (dict(theory), dict(skills)) if name in rules}
        for name in (*type(theory).model_fields, *type(skills).model_fields)
    }
    assert clauses == {
        "total_points": {"1.9.2"},
        "pass_mark": {"1.9.2"},
        "delivery_modes": {"1.9.2"},
        "candidates_per_proctor": {"1.9.3"},
        "minimum_proctors_per_room": {"1.9.3"},
        "candidates_per_examiner": {"1.9.3"},
        "minimum_examiners": {"1.9.3"},
        "odd_examiners": {"1.9.3"},
        "minimum_minutes": {"1.9.4"},
    }


def test_basic_requirements_are_the_source_s(body: list[str], standard: Standard) -> None:
    expected: list[tuple[str, str, Lines]] = []
    for line in between(body, "2 基本要求", "3 工作要求"):
        if heading := HEADING.match(line):
            expected.append((heading[1], heading[2], []))
        else:
            bracketed = BRACKETED.match(line)
            assert bracketed, line
            expected[-1][2].append((bracketed[1], bracketed[2]))
    found: list[tuple[str, str, Lines]] = []
    for requirement in (standard.ethics, standard.basic_knowledge):
        found.append((requirement.number, requirement.title, []))
        found += [(t.number, t.title, [(line.number, line.text) for line in t.lines]) for t in requirement.topics]
    assert found == expected
    assert [len(lines) for _, _, lines in expected] == [0, 0, 5, 0, 2, 3, 3, 3, 6, 9]


@pytest.mark.parametrize(
    ("level", "heading", "end", "contents", "skills", "knowledge"),
    [
        (5, "3.1 五级/初级工", "3.2 四级/中级工", 9, 25, 20),
        (4, "3.2 四级/中级工", "3.3 三级/高级工", 9, 21, 18),
        (3, "3.3 三级/高级工", "4 权重表", 8, 22, 19),
    ],
)
def test_work_requirements_are_the_source_s(
    body: list[str], standard: Standard, level: int, heading: str, end: str, contents: int, skills: int, knowledge: int
) -> None:
    expected: list[tuple[str, str, Lines, Lines]] = []
    function = ""
    for line in between(body, heading, end):
        row = cells(line)
        if row[0] == "职业功能" or not re.sub(r"[-\s]", "", "".join(row)):
            continue
        *left, skill_cell, knowledge_cell = row
        function = next((cell for cell in left if re.match(r"^\d\. ", cell)), function)
        content = next(cell for cell in left if re.match(r"^\d\.\d ", cell))
        expected.append((function, content, numbered(skill_cell), numbered(knowledge_cell)))
    found = [
        (
            f"{function.number}. {function.title}",
            f"{content.number} {content.title}",
            [(line.number, line.text) for line in content.skills],
            [(line.number, line.text) for line in content.knowledge],
        )
        for function in standard.level(level).functions
        for content in function.contents
    ]
    assert found == expected
    assert f"{standard.level(level).section} {standard.level(level).name}" == heading
    assert len(expected) == contents
    assert sum(len(row[2]) for row in expected) == skills
    assert sum(len(row[3]) for row in expected) == knowledge


@pytest.mark.parametrize(
    ("table", "heading", "end", "rows"),
    [
        ("theory_table", "4.1 理论知识权重表", "4.2 技能要求权重表", 7),
        ("skill_table", "4.2 技能要求权重表", None, 5),
    ],
)
def test_weight_tables_are_the_source_s(
    body: list[str], standard: Standard, table: str, heading: str, end: str | None, rows: int
) -> None:
    expected: list[tuple[str, dict[int, Decimal]]] = []
    for line in between(body, heading, end):
        named = [cell for cell in cells(line) if cell]
        weights = named[-3:]
        if len(weights) < 3 or not all(re.fullmatch(r"\d+|-", weight) for weight in weights):
            continue
        by_level = {n: Decimal(w) for n, w in zip((5, 4, 3), weights, strict=True) if w != "-"}
        expected.append((named[-4], by_level))
    assert expected.pop() == ("合计", dict.fromkeys((5, 4, 3), Decimal(100)))
    assert [(row.area, dict(row.weights)) for row in getattr(standard, table)] == expected
    assert len(expected) == rows


def strings(value: Any) -> Iterator[str]:
    """Every text in the data that must be the source's: its titles, texts, names and paragraphs."""
    for key, part in value.items():
        if key in {"source_notes", "all_of", "exam_rules", "kind"}:
            continue
        for item in part if isinstance(part, list) else [part]:
            if isinstance(item, dict):
                yield from strings(item)
            elif isinstance(item, str):
                yield item


def squeezed(text: str) -> str:
    return re.sub(r"\s|\|", "", text)


def test_nothing_in_the_data_is_not_in_the_source(body: list[str], standard: Standard) -> None:
    front = SOURCE_FILE.read_text(encoding="utf-8")
    unbroken = "".join(line for line in body if not FOOTNOTE.match(line))
    source = squeezed(re.sub(r"</?p>", "", "".join([*body, unbroken, front])))
    data = list(strings(standard.model_dump(mode="json")))
    assert len(data) > 400
    assert [text for text in data if squeezed(text) not in source] == []


def test_nothing_in_the_source_is_not_in_the_data(body: list[str], standard: Standard) -> None:
    frame = {"职业功能", "工作内容", "技能要求", "相关知识要求", "项目", "技能等级", "合计", "基本要求", "100"}
    frame |= {f"{level.name} (%)" for level in standard.levels}
    data = squeezed("".join(strings(standard.model_dump(mode="json"))))
    missing = []
    for line in body:
        for cell in cells(line) if line.startswith("|") else [line]:
            for text in re.split(r"(?:^|\s+|- )(?:\d\.\d\.\d|\d\.\d|\d\.|\(\d+\)|\d(?:\.\d)*)\s", f" {cell}"):
                if text.strip(" -") not in frame and squeezed(text.strip(" -")) not in data:
                    missing.append(text)
    assert missing == []


def test_every_slip_that_is_noted_stands_in_the_data_as_printed(standard: Standard) -> None:
    lines = {
        f"L{level.level}/{kind} {line.number}": line.text
        for level in standard.levels
        for function in level.functions
        for content in function.contents
        for kind, part in (("skill", content.skills), ("knowledge", content.knowledge))
        for line in part
    }
    assert "签名板" in lines["L5/skill 2.5.1"]
    assert "签名版" in lines["L5/knowledge 2.5.1"]
    assert " and " in lines["L4/skill 2.1.2"]
    assert "L4/skill 3.1.1" not in lines
    assert "五级/初级、四级/中级工" in lines["L3/skill 3.1.1"]
    assert "治安管理法" in standard.knowledge_point("2.2.6(3)").text
    assert "GB32170" in standard.knowledge_point("2.2.6(9)").text
    places = {note.place for note in standard.source_notes}
    assert {"L5/2.5.1", "L4/2.1.2", "L4/3.1", "L3/3.1.1", "2.2.6(3)", "2.2.6(9)"} <= places
