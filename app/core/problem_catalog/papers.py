"""Problems of blueprints and papers."""

from app.core.problem_catalog.types import ProblemType, entry

PAPERS: dict[str, ProblemType] = {
    "composition_total": entry(
        422,
        "题型分值合计不符",
        "Wrong total of points",
        "各题型分值合计 {points} 分，应为 {total} 分。",
        "The item types are worth {points} points together; it must be {total}.",
    ),
    "blueprint_infeasible": entry(
        422,
        "无法组成双向细目表",
        "No blueprint",
        "按此题型题量，下列项目的分值不能恰好等于权重：{areas}。",
        "With this composition these areas cannot be given exactly their weight: {areas}.",
    ),
    "blueprint_area_unreachable": entry(
        422,
        "项目分值不符",
        "Weight out of reach",
        "“{area}”应为 {weight} 分，最接近只能组成 {nearest} 分。",
        "{area} must have {weight} points; the nearest possible is {nearest}.",
    ),
    "search_limit": entry(
        422,
        "未能求解",
        "No decision",
        "在规定的计算量内未能得出结果，请放宽要求后重试。",
        "No result was found within the limit of computation; relax the request and try again.",
    ),
    "forms_unavailable": entry(
        409,
        "题库不足以组卷",
        "The bank does not allow so many papers",
        "按要求不能组成 {forms} 套互不重复的试卷，最多 {possible} 套；原因见 errors。",
        "{forms} papers without common items are not possible, {possible} at most; errors say why.",
    ),
    "forms_cell_short": entry(
        409,
        "试题不足",
        "Too few items",
        "“{area}”的{type_zh}需要 {needed} 题，现有 {available} 题，还差 {short} 题。",
        "{area} needs {needed} {type_en} items, has {available} and lacks {short}.",
    ),
    "forms_own_level_short": entry(
        409,
        "本等级试题不足",
        "Too few items of the level",
        "“{area}”至少需要本等级试题 {needed} 题，可用 {available} 题，还差 {short} 题。",
        "{area} needs at least {needed} items of the level itself, can use {available} and lacks {short}.",
    ),
    "forms_own_level_blocks": entry(
        409,
        "本等级试题比例无法满足",
        "Share of own-level items blocks",
        "本等级试题的最低比例与其他要求不能同时满足。",
        "The least share of own-level items cannot be met together with the rest.",
    ),
    "forms_enemies_blocks": entry(
        409,
        "互斥题无法避开",
        "Enemies block",
        "互斥试题无法全部避开。",
        "Items that must not stand in one paper cannot all be kept apart.",
    ),
    "forms_difficulty_blocks": entry(
        409,
        "难度无法满足",
        "Difficulty blocks",
        "平均难度无法达到 {target}±{tolerance}。",
        "The mean difficulty cannot be within {tolerance} of {target}.",
    ),
    "blueprint_cell_short": entry(
        422,
        "试题不足",
        "Too few items",
        "“{area}”的{type_zh}现有 {available} 题，还差 {short} 题。",
        "{area} has {available} {type_en} items and lacks {short}.",
    ),
}
