"""Problems of items and banks."""

from app.core.problem_catalog.types import ProblemType, entry

ITEMS: dict[str, ProblemType] = {
    "bank_invalid": entry(
        422,
        "题库文件有误",
        "Invalid item bank",
        "题库文件有 {count} 处错误，请按 errors 中所列位置改正后重试。",
        "The item bank has {count} faults; correct the places listed in errors and try again.",
    ),
    "item_invalid": entry(
        422,
        "试题有误",
        "Invalid item",
        "请按 errors 中所列位置改正后重试。",
        "Correct the places listed in errors and try again.",
    ),
    "item_locked": entry(
        409,
        "试题保密中",
        "Item is locked",
        "试题已用于未公布成绩的密封试卷，其答案须保密；请在成绩公布后审核，或由有权读取试卷答案者审核。",
        "The item stands in a sealed paper whose results are not published; review it after the publication, or let "
        "someone do it who may read the keys of papers.",
    ),
    "item_key_needed": entry(
        422,
        "须同时给出答案",
        "Key needed",
        "您不能读取此试题的答案；修改题型或选项时，请同时给出新的 key。",
        "You may not read this item's key; give a new key together with a new type or new options.",
    ),
    "item_code_taken": entry(
        409,
        "试题编号已存在",
        "Item code taken",
        "题库中已有试题 {item}；要改动请修改该试题。",
        "The bank has an item {item} already; change that one instead.",
    ),
    "item_changed": entry(
        412,
        "试题已有新版本",
        "Item has changed",
        "试题已改为第 {version} 版，请重新读取后再修改。",
        "The item is at version {version} now; read it again before changing it.",
    ),
    "bank_too_large": entry(
        413, "文件过大", "File too large", "题库文件不得超过 {limit} MB。", "A bank file has at most {limit} MB."
    ),
    "bank_empty": entry(
        422,
        "题库为空",
        "Empty bank",
        "没有已启用的试题，请先用 kaochang bank load 导入。",
        "There are no active items; load them with kaochang bank load.",
    ),
    "bank_media_type": entry(
        415,
        "文件类型有误",
        "Unsupported media type",
        "请以 application/json 或 application/yaml 提交题库文件。",
        "Send the bank as application/json or application/yaml.",
    ),
    "bank_syntax": entry(
        422,
        "文件格式有误",
        "Unreadable file",
        "文件不是有效的 YAML 或 JSON：{message}。",
        "The file is not valid YAML or JSON: {message}.",
    ),
    "item_field_missing": entry(422, "缺少内容", "Missing field", "缺少此项内容。", "This field is missing."),
    "item_field_unknown": entry(422, "多余内容", "Unknown field", "不认识此项内容。", "This field is not known."),
    "item_field_not_text": entry(
        422, "应为文本", "Not a text", "此处应为文本（数字请加引号）。", "This must be a text (put numbers in quotes)."
    ),
    "item_field_too_short": entry(
        422, "内容过短", "Too short", "长度或个数不得少于 {min_length}。", "There must be at least {min_length}."
    ),
    "item_field_too_long": entry(
        422, "内容过长", "Too long", "长度或个数不得多于 {max_length}。", "There must be at most {max_length}."
    ),
    "item_field_invalid": entry(422, "内容有误", "Invalid value", "内容不符合要求：{message}。", "{message}."),
    "item_control_character": entry(
        422,
        "含有控制字符",
        "Control character",
        "含有不允许的字符 {character}。",
        "The character {character} is not allowed.",
    ),
    "item_value_repeated": entry(
        422, "内容重复", "Repeated value", "“{value}”重复出现。", "“{value}” occurs more than once."
    ),
    "item_option_count": entry(
        422,
        "选项个数有误",
        "Wrong number of options",
        "{type_zh}应有 {allowed} 个选项。",
        "A {type_en} item has {allowed} options.",
    ),
    "item_key_wrong": entry(
        422,
        "答案有误",
        "Wrong key",
        "“{key}”不是有效的{type_zh}答案。",
        "“{key}” is not a valid key of this {type_en} item.",
    ),
    "item_own_enemy": entry(422, "互斥题有误", "Own enemy", "试题不能与自身互斥。", "An item cannot be its own enemy."),
    "bank_unknown_point": entry(
        422,
        "知识点不存在",
        "Unknown knowledge point",
        "标准中没有知识点 {point}。",
        "The standard has no point {point}.",
    ),
    "bank_level_mismatch": entry(
        422,
        "等级与知识点不符",
        "Level mismatch",
        "试题等级 {level} 与知识点 {point} 的等级不符。",
        "The item's level {level} is not that of knowledge point {point}.",
    ),
    "bank_mixed_areas": entry(
        422,
        "跨项目",
        "Several areas",
        "知识点分属不同项目：{areas}。",
        "The knowledge points are of several areas: {areas}.",
    ),
    "bank_repeated_code": entry(
        422, "编号重复", "Repeated code", "此编号出现 {times} 次。", "This code occurs {times} times."
    ),
    "bank_unknown_enemy": entry(
        422, "互斥题不存在", "Unknown enemy", "题库中没有互斥题 {enemy}。", "The bank has no item {enemy}."
    ),
    "bank_near_duplicate": entry(
        422,
        "试题近似",
        "Near-duplicate",
        "与试题 {other} 的相似度为 {similarity}%。",
        "This item is {similarity}% like item {other}.",
    ),
    "bank_keys_skewed": entry(
        422, "答案分布不均", "Keys are skewed", "答案分布不均：{keys}。", "The keys are spread unevenly: {keys}."
    ),
    "bank_key_longest": entry(
        422,
        "答案长度有提示",
        "Length gives keys away",
        "{share} 的单项选择题答案为最长选项，不应超过 {limit}。",
        "In {share} of the single-choice items the key is the longest option; it should be at most {limit}.",
    ),
    "bank_point_uncovered": entry(
        422, "知识点无试题", "No item", "此知识点没有试题。", "There is no item for this knowledge point."
    ),
    "bank_cell_short": entry(
        422,
        "试题不足",
        "Too few items",
        "{level} 级“{area}”的{type_zh}连同备用需要 {needed} 题，现有 {available} 题，还差 {short} 题。",
        "Level {level}, {area}: {needed} {type_en} items are needed, spare included; {available} held, {short} lack.",
    ),
    "bank_own_level_short": entry(
        422,
        "本等级试题不足",
        "Too few items of the level",
        "{level} 级“{area}”连同备用需要本等级试题 {needed} 题，可用 {available} 题，还差 {short} 题。",
        "Level {level}, {area}: {needed} items of the level itself are needed, spare included; "
        "{available} can be used, {short} lack.",
    ),
}
