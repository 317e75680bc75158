"""Problems of standards."""

from app.core.problem_catalog.types import ProblemType, entry

STANDARDS: dict[str, ProblemType] = {
    "standard_invalid": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "标准文件有误，请按 errors 中所列位置改正后重新导入。",
        "The standard is not valid; correct the places listed in errors and load it again.",
    ),
    "standard_edition_immutable": entry(
        409,
        "标准版本不可更改",
        "Edition is immutable",
        "{standard} {edition} 版已导入且内容不同；修订请作为新版导入。",
        "Edition {edition} of {standard} is loaded with another content; load a revision as a new edition.",
    ),
    "standard_not_loaded": entry(
        404,
        "标准未导入",
        "Standard not loaded",
        "没有导入标准 {standard}：请先运行 kaochang standard load。",
        "The standard {standard} is not loaded; load it first with kaochang standard load.",
    ),
    "unknown_level": entry(
        404,
        "没有此等级",
        "Unknown level",
        "本标准没有 {level} 级，所设等级为：{known}。",
        "This standard has no level {level}; its levels are {known}.",
    ),
    "unknown_knowledge_point": entry(
        404,
        "没有此知识点",
        "Unknown knowledge point",
        "本标准没有编号为 {point} 的知识点。",
        "This standard has no knowledge point {point}.",
    ),
    "standard_not_readable": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "不是有效的 YAML 或 JSON：{message}",
        "Not valid YAML or JSON: {message}",
    ),
    "standard_field_missing": entry(422, "标准文件有误", "Invalid standard", "缺少此项。", "This entry is missing."),
    "standard_field_unknown": entry(
        422, "标准文件有误", "Invalid standard", "不认识此项。", "This entry is not known."
    ),
    "standard_field_empty": entry(
        422, "标准文件有误", "Invalid standard", "此项不能为空。", "This entry must not be empty."
    ),
    "standard_repeated": entry(422, "标准文件有误", "Invalid standard", "“{value}”重复。", "“{value}” is repeated."),
    "standard_number_misplaced": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "编号 {number} 不属于 {parent}。",
        "Number {number} does not belong under {parent}.",
    ),
    "standard_unknown_area": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "标准中没有“{area}”的内容。",
        "The standard has no content named “{area}”.",
    ),
    "standard_unknown_level": entry(
        422, "标准文件有误", "Invalid standard", "本标准没有 {level} 级。", "This standard has no level {level}."
    ),
    "standard_unknown_clause": entry(
        422, "标准文件有误", "Invalid standard", "标准中没有第 {clause} 条。", "The standard has no clause {clause}."
    ),
    "standard_weight_without_content": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "该等级没有此项目的内容，却有权重。",
        "There is a weight, but the level has no content of this area.",
    ),
    "standard_content_without_weight": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "该等级有此项目的内容，却没有权重。",
        "The level has content of this area, but it has no weight.",
    ),
    "standard_weights_sum": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "本列权重合计为 {points}，应为 {total}。",
        "The weights of this column add up to {points} and must be {total}.",
    ),
    "standard_pass_mark_above_total": entry(
        422, "标准文件有误", "Invalid standard", "合格线高于总分。", "The pass mark is above the total."
    ),
    "standard_after_which_certificate": entry(
        422,
        "标准文件有误",
        "Invalid standard",
        "“取得证书后累计”须与同一条件中的唯一一项证书要求配合使用。",
        "Work after a certificate needs exactly one certificate condition in the same clause.",
    ),
}
