"""Items as authors write and read them; these shapes hold keys, for those who may read them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.bank_import import RowOutcome
from app.domain.item_states import ItemState
from app.domain.items import ItemType
from app.schemas.shared import LEFT_OUT, Input, Output

EXAMPLE: dict[str, Any] = {
    "standard_code": "3-01-01-01",
    "code": "C5-901",
    "type": "single",
    "level": 5,
    "knowledge_points": ["L5/1.1.1"],
    "stem": "群众来到窗口咨询时，窗口办事员首先应当（　　）。",
    "options": ["主动问候并问明来意", "先行收取全部材料", "请其自行查看指南", "先完成手头的工作"],
    "key": "A",
    "difficulty": 0.8,
    "rationale": "咨询服务从主动问候、问明需求开始。",
    "reference": "标准 3.1 相关知识要求 1.1.1",
}

Code = Annotated[str, Field(description="试题编号，题库内唯一 Unique within the bank.", examples=["C5-901"])]
Level = Annotated[
    int | None,
    Field(description="知识点的等级；基本要求为 null That of the points; null for section 2.", examples=[5]),
]
Points = Annotated[
    tuple[str, ...],
    Field(description="1 至 5 个同一项目的知识点 1 to 5 knowledge points of one area.", examples=[["L5/1.1.1"]]),
]
Stem = Annotated[str, Field(description="题干，不超过 2000 字 At most 2000 characters.")]
Options = Annotated[
    tuple[str, ...],
    Field(
        description="单选 4 项，多选 4 或 5 项，判断无 4; 4 or 5; none for true/false.",
        examples=[["甲", "乙", "丙", "丁"]],
    ),
]
Key = Annotated[str, Field(description="“B”；“ACD”；“T”/“F”", examples=["A"])]
Difficulty = Annotated[
    float, Field(description="预期得分率，0 到 1 之间 Expected proportion of right answers.", examples=[0.7])
]
Rationale = Annotated[str, Field(description="解析 Why the key is right.")]
Reference = Annotated[str, Field(description="依据 Where the standard or the law says so.")]
Enemies = Annotated[
    tuple[str, ...], Field(description="不得同卷的试题编号 Codes that must not stand in one paper with it.")
]


HiddenKey = Annotated[
    str | None, Field(description="null：无权读取或保密中 Null without `items:read_keys` and while locked.")
]
HiddenText = Annotated[str | None, Field(description="与 key 同时为 null Null when the key is.")]


class ItemCreate(Input):
    """A new item. What the type asks of options and key is checked, and every fault named."""

    model_config = Input.model_config | {"json_schema_extra": {"examples": [EXAMPLE]}}

    standard_code: Annotated[str, Field(examples=["3-01-01-01"])]
    edition: Annotated[str | None, Field(description="缺省为最新版 The newest when left out.")] = None
    code: Code
    type: ItemType
    level: Level = None
    knowledge_points: Points
    stem: Stem
    options: Options = ()
    key: Key
    difficulty: Difficulty
    rationale: Rationale
    reference: Reference
    enemies: Enemies = ()


class ItemUpdate(Input):
    """What changes; the rest is left out."""

    model_config = Input.model_config | {"json_schema_extra": {"examples": [{"key": "B", "rationale": "更正答案。"}]}}

    type: ItemType = LEFT_OUT
    level: Level = LEFT_OUT
    knowledge_points: Points = LEFT_OUT
    stem: Stem = LEFT_OUT
    options: Options = LEFT_OUT
    key: Key = LEFT_OUT
    difficulty: Difficulty = LEFT_OUT
    rationale: Rationale = LEFT_OUT
    reference: Reference = LEFT_OUT
    enemies: Enemies = LEFT_OUT


class ItemMove(Input):
    version: Annotated[
        int | None,
        Field(ge=1, description="缺省为当前版本 Which version; the one shown by the item when left out.", examples=[2]),
    ] = None


class ItemVersionRead(Output):
    version: int
    state: ItemState
    type: ItemType
    level: Level
    knowledge_points: Points
    stem: Stem
    options: Options
    key: HiddenKey
    difficulty: Difficulty
    rationale: HiddenText
    reference: HiddenText
    enemies: Enemies
    content_hash: str | None = Field(description="SHA-256 over the canonical content; null with the key.")
    created_at: datetime
    created_by: UUID | None = Field(description="null：由系统导入 Loaded by the system.")
    reviewed_by: UUID | None


class ItemRead(ItemVersionRead):
    """An item by the version that stands for it: the draft or reviewed one, else the active, else the last retired."""

    id: UUID
    standard_code: str
    edition: str
    code: Code
    area: str = Field(description="项目 Area of its knowledge points.", examples=["咨询引导"])
    locked: bool = Field(
        description="用于未公布成绩的密封试卷，答案保密 In a sealed paper, results not published; its key is shown "
        "only with `papers:read_keys`."
    )


class ItemDetailRead(ItemRead):
    versions: list[ItemVersionRead] = Field(description="由新到旧 The newest first.")


class BankLoadRead(Output):
    """All rows were loaded."""

    created: int
    changed: int = Field(description="产生新版本或被启用 With a new version, or activated.")
    unchanged: int


class BankRowRead(Output):
    code: Code
    type: ItemType
    level: Level
    stem: Stem
    outcome: RowOutcome = Field(description="changed：产生新版本或被启用 With a new version, or activated.")


class BankPlanRead(Output):
    """What an import would do."""

    standard_code: str
    edition: str
    rows: list[BankRowRead] = Field(description="按文件顺序 In the order of the file.")
