"""The catalogue of problem types: stable code -> HTTP status, title and detail in Chinese and English."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Text:
    zh: str
    en: str

    def in_language(self, language: Literal["zh-CN", "en"]) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class ProblemType:
    """`detail` is a `str.format` template filled by the problem's parameters."""

    status: int
    title: Text
    detail: Text


def _type(status: int, title_zh: str, title_en: str, detail_zh: str, detail_en: str) -> ProblemType:
    return ProblemType(status, Text(title_zh, title_en), Text(detail_zh, detail_en))


HTTP: dict[str, ProblemType] = {
    "not_found": _type(404, "找不到", "Not found", "没有此地址或对象：{what}。", "No such address or object: {what}."),
    "method_not_allowed": _type(
        405, "方法不允许", "Method not allowed", "此地址不支持 {method}。", "This address does not support {method}."
    ),
    "invalid_request": _type(
        422,
        "请求内容有误",
        "Invalid request",
        "请按 errors 中所列位置改正后重试。",
        "Correct the places listed in errors and try again.",
    ),
    "invalid_field": _type(422, "内容有误", "Invalid field", "{message}。", "{message}."),
    "internal_error": _type(
        500,
        "服务器内部错误",
        "Internal error",
        "服务器发生意外错误，请求编号 {request_id}，请告知管理员。",
        "An unexpected error occurred; tell the administrator the request id {request_id}.",
    ),
}

HTTP |= {
    "bad_request": _type(
        400, "请求有误", "Bad request", "请求无法处理：{message}", "The request cannot be handled: {message}"
    ),
    "database_unavailable": _type(
        503,
        "服务暂时不可用",
        "Temporarily unavailable",
        "数据库暂时不可用，本次请求未作任何更改，请稍后重试。",
        "The database is away for the moment; nothing was changed; try again shortly.",
    ),
    "idempotency_key_reused": _type(
        422,
        "幂等键重复使用",
        "Idempotency key reused",
        "此 Idempotency-Key 已用于另一请求，请换用新键。",
        "This Idempotency-Key was used for another request; use a new one.",
    ),
    "invalid_cursor": _type(
        422,
        "分页游标无效",
        "Invalid cursor",
        "请使用上一页返回的 next_cursor。",
        "Use next_cursor of the answer before.",
    ),
}

ACCESS: dict[str, ProblemType] = {
    "not_authenticated": _type(
        401, "尚未登录", "Not authenticated", "请先登录并携带访问令牌。", "Log in first and send the access token."
    ),
    "invalid_token": _type(
        401,
        "令牌无效",
        "Invalid token",
        "访问令牌无效或已过期，请重新登录。",
        "The access token is invalid or has expired; log in again.",
    ),
    "not_allowed": _type(
        403, "没有权限", "Not allowed", "此操作需要权限：{scopes}。", "This needs the permission: {scopes}."
    ),
    "wrong_password": _type(
        401,
        "用户名或密码错误",
        "Wrong user name or password",
        "用户名或密码错误。",
        "The user name or password is wrong.",
    ),
    "locked_out": _type(
        429,
        "暂时锁定",
        "Locked out",
        "连续失败次数过多，请在 {seconds} 秒后重试。",
        "Too many failures; try again in {seconds} seconds.",
    ),
    "invalid_refresh_token": _type(
        401,
        "刷新令牌无效",
        "Invalid refresh token",
        "刷新令牌无效、已过期或已注销，请重新登录。",
        "The refresh token is invalid, has expired or was revoked; log in again.",
    ),
    "refresh_token_reused": _type(
        401,
        "刷新令牌重复使用",
        "Refresh token reused",
        "刷新令牌已用过，可能已泄露；此次登录已全部注销，请重新登录。",
        "The refresh token was used before and may have leaked; this login is ended everywhere; log in again.",
    ),
    "current_password_wrong": _type(
        422, "当前密码错误", "Wrong current password", "当前密码错误，密码未更改。", "The password was not changed."
    ),
    "password_refused": _type(
        422,
        "密码不符合要求",
        "Password refused",
        "密码不符合要求，请按 errors 中所列原因另选密码。",
        "Choose another password; errors say why.",
    ),
    "password_too_short": _type(
        422, "密码过短", "Too short", "至少 {minimum} 个字符。", "At least {minimum} characters."
    ),
    "password_contains_username": _type(
        422, "密码含用户名", "Contains the user name", "不得包含用户名。", "It must not contain the user name."
    ),
    "password_guessable": _type(
        422,
        "密码容易猜中",
        "Easy to guess",
        "为常见密码或有规律的字符，容易猜中。",
        "It is a common password or follows a pattern.",
    ),
    "username_taken": _type(
        409,
        "用户名已存在",
        "User name taken",
        "用户名“{username}”已存在，请换一个。",
        "There is an account “{username}” already; choose another name.",
    ),
    "own_account": _type(
        409,
        "不能这样修改自己的账号",
        "Own account",
        "不能停用自己的账号或取消自己的账号管理权限；修改自己的密码请用 /auth/password。",
        "You cannot deactivate your own account or take away its right to manage accounts; "
        "change your own password at /auth/password.",
    ),
}

EXAM: dict[str, ProblemType] = {
    "invalid_transition": _type(
        409,
        "当前状态不允许此操作",
        "Not possible in this state",
        "状态为 {state} 时不能执行 {command}。",
        "{command} is not possible in the state {state}.",
    ),
    "room_not_open": _type(
        409, "考场未开放", "Room not open", "考场当前状态为 {state}。", "The room is in the state {state}."
    ),
    "not_checked_in": _type(
        409, "尚未签到", "Not checked in", "请先由监考员核验身份。", "A proctor must check your identity first."
    ),
    "lease_held": _type(
        409,
        "已在另一设备登录",
        "Logged in on another device",
        "您已在另一设备登录，请监考员释放后再登录。",
        "You are logged in on another device; ask a proctor to release it.",
    ),
    "lease_moved": _type(
        409,
        "已转到另一设备",
        "Moved to another device",
        "作答已转到另一设备，此设备不能再提交。",
        "The attempt has moved to another device; this one can no longer write.",
    ),
    "deadline_passed": _type(409, "考试时间已到", "Time is up", "考试时间已到。", "The time is up."),
    "deadline_not_passed": _type(
        409, "考试时间未到", "Time is not up", "考试时间尚未结束。", "The time is not up yet."
    ),
    "late_entry_closed": _type(
        409, "已停止入场", "Late entry closed", "已过迟到截止时间，不能开考。", "It is too late to start."
    ),
    "late_entry_still_open": _type(
        409, "仍可入场", "Late entry still open", "迟到截止时间未到。", "Candidates may still start."
    ),
    "not_started_yet": _type(
        409, "尚未开考", "Not started yet", "开考时间为 {starts_at}。", "The exam starts at {starts_at}."
    ),
    "too_early": _type(
        409, "未到交卷时间", "Too early to hand in", "{opens_at} 起方可交卷。", "Handing in opens at {opens_at}."
    ),
    "termination_not_proposed": _type(
        409,
        "尚无终止提议",
        "Termination not proposed",
        "须先由监考员提议终止。",
        "A proctor must propose the termination first.",
    ),
    "second_person_needed": _type(
        409,
        "须由另一人确认",
        "A second person is needed",
        "提议人与确认人不能是同一人。",
        "Who proposes cannot confirm.",
    ),
    "sitting_not_live": _type(
        409,
        "场次未开放",
        "Sitting not live",
        "场次当前状态为 {state}，须先由考务开放。",
        "The sitting is {state}; an officer must take it live first.",
    ),
    "staffing_too_low": _type(
        409,
        "监考员不足",
        "Too few proctors",
        "监考员人数低于标准要求，见 errors。",
        "There are fewer proctors than the standard asks for; see errors.",
    ),
    "attempts_unfinished": _type(
        409,
        "仍有考生未结束",
        "Attempts unfinished",
        "仍有 {count} 名考生未交卷或可入场，不能关闭考场。",
        "The room cannot be closed; candidates who are writing or may still start: {count}.",
    ),
    "responses_missing": _type(
        409,
        "有答案尚未送达",
        "Answers missing",
        "服务器所存答案与客户端不符：请对照 stored 补送 missing 所列题号或尚未确认的答案，然后重新交卷。",
        "The server does not have what the client has: compare with stored, send the numbers in missing or what was "
        "not acknowledged, and hand in again.",
    ),
    "save_queue_full": _type(
        503,
        "服务繁忙",
        "Busy",
        "服务繁忙，本次答案未保存，请稍后重发。",
        "The service is busy; nothing was saved; send the answers again shortly.",
    ),
    "paper_not_open": _type(
        409,
        "现在不能查看试卷",
        "Paper not open",
        "试卷仅在作答期间可以查看。",
        "The paper is open only while you write.",
    ),
    "result_not_published": _type(
        409, "成绩尚未发布", "Result not published", "成绩尚未发布。", "The result is not published yet."
    ),
    "login_refused": _type(
        401,
        "登录信息有误",
        "Login refused",
        "准考证号或身份证号有误。",
        "The ticket number or the identity number is wrong.",
    ),
    "wrong_seat": _type(
        409,
        "座位不符",
        "Wrong seat",
        "您的座位是 {room} {seat} 号，请到该座位登录。",
        "Your seat is {room}, number {seat}; log in there.",
    ),
    "not_submitted": _type(409, "尚未交卷", "Not handed in", "尚未交卷。", "Nothing has been handed in."),
    "paper_damaged": _type(
        500,
        "试卷已损坏",
        "Paper damaged",
        "试卷 {paper} 的内容与封存时的摘要不符，请告知管理员。",
        "The content of paper {paper} no longer has the hash it was sealed with; tell the administrator.",
    ),
    "sitting_refused": _type(
        422,
        "场次设置有误",
        "Sitting refused",
        "场次设置不符合要求，见 errors。",
        "The sitting does not meet the rules; see errors.",
    ),
    "sitting_not_ready": _type(
        409,
        "场次尚不具备条件",
        "Sitting not ready",
        "场次尚不具备开考条件，见 errors。",
        "The sitting cannot become ready yet; see errors.",
    ),
    "sitting_frozen": _type(
        409,
        "场次已冻结",
        "Sitting frozen",
        "场次状态为 {state}，不能再修改。",
        "The sitting is {state} and can no longer be changed.",
    ),
    "rooms_refused": _type(
        422, "考场设置有误", "Rooms refused", "考场设置有误，见 errors。", "The rooms are not right; see errors."
    ),
    "rooms_open": _type(
        409, "考场未关闭", "Rooms still open", "以下考场尚未关闭：{rooms}。", "These rooms are not closed yet: {rooms}."
    ),
    "not_all_graded": _type(
        409,
        "尚未全部评分",
        "Not all graded",
        "还有 {count} 份试卷待评分，请稍后再发布。",
        "{count} papers wait for grading; publish a little later.",
    ),
    "not_enough_seats": _type(
        409,
        "座位不足",
        "Not enough seats",
        "共有 {entries} 名考生待安排，仅余 {seats} 个座位。",
        "{entries} candidates need a seat, {seats} are free.",
    ),
}

FIELDS: dict[str, ProblemType] = {
    "identity_number_form": _type(
        422,
        "身份证号有误",
        "Identity number",
        "须为 18 位：17 位数字和末位数字或 X。",
        "18 characters: 17 digits, then a digit or X.",
    ),
    "identity_number_date": _type(
        422, "身份证号有误", "Identity number", "出生日期不存在。", "The date of birth does not exist."
    ),
    "identity_number_check_digit": _type(
        422, "身份证号有误", "Identity number", "校验码不符，请核对。", "The check digit is wrong."
    ),
    "ticket_number_form": _type(
        422, "准考证号有误", "Ticket number", "须为 4 至 32 位字母或数字。", "4 to 32 letters or digits."
    ),
    "duration_below_minimum": _type(
        422,
        "考试时间过短",
        "Too short",
        "标准要求不少于 {minimum} 分钟。",
        "The standard asks for at least {minimum} minutes.",
    ),
    "too_few_proctors": _type(
        422,
        "监考员不足",
        "Too few proctors",
        "{room} 有 {candidates} 名考生，须 {needed} 名监考员，现有 {assigned} 名。",
        "{room} has {candidates} candidates and needs {needed} proctors; {assigned} are assigned.",
    ),
    "after_the_end": _type(
        422, "时间设置有误", "After the end", "不得晚于考试结束。", "This must not lie after the end of the exam."
    ),
    "starts_in_the_past": _type(
        422, "开考时间有误", "Start in the past", "开考时间已过，请另定时间。", "The start has passed; choose another."
    ),
    "paper_does_not_fit": _type(
        422,
        "试卷不符",
        "Paper does not fit",
        "试卷不存在、重复，或不属于本标准和等级。",
        "The paper does not exist, is repeated, or is of another standard or level.",
    ),
    "room_name_taken": _type(
        422, "考场名称重复", "Room name taken", "考场名称“{name}”已存在。", "There is a room named “{name}” already."
    ),
    "proctor_unknown": _type(
        422,
        "监考员有误",
        "Unknown proctor",
        "没有可用的监考员账号“{username}”，或重复。",
        "There is no active proctor account “{username}”, or it is repeated.",
    ),
    "proctor_elsewhere": _type(
        422,
        "监考员已在其他考场",
        "Proctor elsewhere",
        "“{username}”已分配到本场次的其他考场。",
        "“{username}” is assigned to another room of this sitting.",
    ),
    "no_paper": _type(
        422, "未选试卷", "No paper", "请为场次选定至少一份试卷。", "Choose at least one paper for the sitting."
    ),
    "no_entries": _type(422, "没有考生", "No entries", "请先导入考生名单。", "Add candidates first."),
    "entry_without_seat": _type(
        422, "考生未排座位", "No seat", "准考证号 {ticket} 未安排考场和座位。", "Ticket {ticket} has no room and seat."
    ),
}

STANDARDS: dict[str, ProblemType] = {
    "standard_invalid": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "标准文件有误，请按 errors 中所列位置改正后重新导入。",
        "The standard is not valid; correct the places listed in errors and load it again.",
    ),
    "standard_edition_immutable": _type(
        409,
        "标准版本不可更改",
        "Edition is immutable",
        "{standard} {edition} 版已导入且内容不同；修订请作为新版导入。",
        "Edition {edition} of {standard} is loaded with another content; load a revision as a new edition.",
    ),
    "standard_not_loaded": _type(
        404,
        "标准未导入",
        "Standard not loaded",
        "没有导入标准 {standard}：请先运行 kaochang standard load。",
        "The standard {standard} is not loaded; load it first with kaochang standard load.",
    ),
    "unknown_level": _type(
        404,
        "没有此等级",
        "Unknown level",
        "本标准没有 {level} 级，所设等级为：{known}。",
        "This standard has no level {level}; its levels are {known}.",
    ),
    "unknown_knowledge_point": _type(
        404,
        "没有此知识点",
        "Unknown knowledge point",
        "本标准没有编号为 {point} 的知识点。",
        "This standard has no knowledge point {point}.",
    ),
    "standard_not_readable": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "不是有效的 YAML 或 JSON：{message}",
        "Not valid YAML or JSON: {message}",
    ),
    "standard_field_missing": _type(422, "标准文件有误", "Invalid standard", "缺少此项。", "This entry is missing."),
    "standard_field_unknown": _type(
        422, "标准文件有误", "Invalid standard", "不认识此项。", "This entry is not known."
    ),
    "standard_field_empty": _type(
        422, "标准文件有误", "Invalid standard", "此项不能为空。", "This entry must not be empty."
    ),
    "standard_repeated": _type(422, "标准文件有误", "Invalid standard", "“{value}”重复。", "“{value}” is repeated."),
    "standard_number_misplaced": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "编号 {number} 不属于 {parent}。",
        "Number {number} does not belong under {parent}.",
    ),
    "standard_unknown_area": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "标准中没有“{area}”的内容。",
        "The standard has no content named “{area}”.",
    ),
    "standard_unknown_level": _type(
        422, "标准文件有误", "Invalid standard", "本标准没有 {level} 级。", "This standard has no level {level}."
    ),
    "standard_unknown_clause": _type(
        422, "标准文件有误", "Invalid standard", "标准中没有第 {clause} 条。", "The standard has no clause {clause}."
    ),
    "standard_weight_without_content": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "该等级没有此项目的内容，却有权重。",
        "There is a weight, but the level has no content of this area.",
    ),
    "standard_content_without_weight": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "该等级有此项目的内容，却没有权重。",
        "The level has content of this area, but it has no weight.",
    ),
    "standard_weights_sum": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "本列权重合计为 {points}，应为 {total}。",
        "The weights of this column add up to {points} and must be {total}.",
    ),
    "standard_pass_mark_above_total": _type(
        422, "标准文件有误", "Invalid standard", "合格线高于总分。", "The pass mark is above the total."
    ),
    "standard_after_which_certificate": _type(
        422,
        "标准文件有误",
        "Invalid standard",
        "“取得证书后累计”须与同一条件中的唯一一项证书要求配合使用。",
        "Work after a certificate needs exactly one certificate condition in the same clause.",
    ),
}

ITEMS: dict[str, ProblemType] = {
    "bank_invalid": _type(
        422,
        "题库文件有误",
        "Invalid item bank",
        "题库文件有 {count} 处错误，请按 errors 中所列位置改正后重试。",
        "The item bank has {count} faults; correct the places listed in errors and try again.",
    ),
    "item_invalid": _type(
        422,
        "试题有误",
        "Invalid item",
        "请按 errors 中所列位置改正后重试。",
        "Correct the places listed in errors and try again.",
    ),
    "item_code_taken": _type(
        409,
        "试题编号已存在",
        "Item code taken",
        "题库中已有试题 {item}；要改动请修改该试题。",
        "The bank has an item {item} already; change that one instead.",
    ),
    "item_changed": _type(
        412,
        "试题已有新版本",
        "Item has changed",
        "试题已改为第 {version} 版，请重新读取后再修改。",
        "The item is at version {version} now; read it again before changing it.",
    ),
    "bank_too_large": _type(
        413, "文件过大", "File too large", "题库文件不得超过 {limit} MB。", "A bank file has at most {limit} MB."
    ),
    "bank_empty": _type(
        422,
        "题库为空",
        "Empty bank",
        "没有已启用的试题，请先用 kaochang bank load 导入。",
        "There are no active items; load them with kaochang bank load.",
    ),
    "bank_media_type": _type(
        415,
        "文件类型有误",
        "Unsupported media type",
        "请以 application/json 或 application/yaml 提交题库文件。",
        "Send the bank as application/json or application/yaml.",
    ),
    "bank_syntax": _type(
        422,
        "文件格式有误",
        "Unreadable file",
        "文件不是有效的 YAML 或 JSON：{message}。",
        "The file is not valid YAML or JSON: {message}.",
    ),
    "item_field_missing": _type(422, "缺少内容", "Missing field", "缺少此项内容。", "This field is missing."),
    "item_field_unknown": _type(422, "多余内容", "Unknown field", "不认识此项内容。", "This field is not known."),
    "item_field_not_text": _type(
        422, "应为文本", "Not a text", "此处应为文本（数字请加引号）。", "This must be a text (put numbers in quotes)."
    ),
    "item_field_too_short": _type(
        422, "内容过短", "Too short", "长度或个数不得少于 {min_length}。", "There must be at least {min_length}."
    ),
    "item_field_too_long": _type(
        422, "内容过长", "Too long", "长度或个数不得多于 {max_length}。", "There must be at most {max_length}."
    ),
    "item_field_invalid": _type(422, "内容有误", "Invalid value", "内容不符合要求：{message}。", "{message}."),
    "item_control_character": _type(
        422,
        "含有控制字符",
        "Control character",
        "含有不允许的字符 {character}。",
        "The character {character} is not allowed.",
    ),
    "item_value_repeated": _type(
        422, "内容重复", "Repeated value", "“{value}”重复出现。", "“{value}” occurs more than once."
    ),
    "item_option_count": _type(
        422,
        "选项个数有误",
        "Wrong number of options",
        "{type_zh}应有 {allowed} 个选项。",
        "A {type_en} item has {allowed} options.",
    ),
    "item_key_wrong": _type(
        422,
        "答案有误",
        "Wrong key",
        "“{key}”不是有效的{type_zh}答案。",
        "“{key}” is not a valid key of this {type_en} item.",
    ),
    "item_own_enemy": _type(422, "互斥题有误", "Own enemy", "试题不能与自身互斥。", "An item cannot be its own enemy."),
    "bank_unknown_point": _type(
        422,
        "知识点不存在",
        "Unknown knowledge point",
        "标准中没有知识点 {point}。",
        "The standard has no point {point}.",
    ),
    "bank_level_mismatch": _type(
        422,
        "等级与知识点不符",
        "Level mismatch",
        "试题等级 {level} 与知识点 {point} 的等级不符。",
        "The item's level {level} is not that of knowledge point {point}.",
    ),
    "bank_mixed_areas": _type(
        422,
        "跨项目",
        "Several areas",
        "知识点分属不同项目：{areas}。",
        "The knowledge points are of several areas: {areas}.",
    ),
    "bank_repeated_code": _type(
        422, "编号重复", "Repeated code", "此编号出现 {times} 次。", "This code occurs {times} times."
    ),
    "bank_unknown_enemy": _type(
        422, "互斥题不存在", "Unknown enemy", "题库中没有互斥题 {enemy}。", "The bank has no item {enemy}."
    ),
    "bank_near_duplicate": _type(
        422,
        "试题近似",
        "Near-duplicate",
        "与试题 {other} 的相似度为 {similarity}%。",
        "This item is {similarity}% like item {other}.",
    ),
    "bank_keys_skewed": _type(
        422, "答案分布不均", "Keys are skewed", "答案分布不均：{keys}。", "The keys are spread unevenly: {keys}."
    ),
    "bank_key_longest": _type(
        422,
        "答案长度有提示",
        "Length gives keys away",
        "{share} 的单项选择题答案为最长选项，不应超过 {limit}。",
        "In {share} of the single-choice items the key is the longest option; it should be at most {limit}.",
    ),
    "bank_point_uncovered": _type(
        422, "知识点无试题", "No item", "此知识点没有试题。", "There is no item for this knowledge point."
    ),
    "bank_cell_short": _type(
        422,
        "试题不足",
        "Too few items",
        "{level} 级“{area}”的{type_zh}连同备用需要 {needed} 题，现有 {available} 题，还差 {short} 题。",
        "Level {level}, {area}: {needed} {type_en} items are needed, spare included; {available} held, {short} lack.",
    ),
    "bank_own_level_short": _type(
        422,
        "本等级试题不足",
        "Too few items of the level",
        "{level} 级“{area}”连同备用需要本等级试题 {needed} 题，可用 {available} 题，还差 {short} 题。",
        "Level {level}, {area}: {needed} items of the level itself are needed, spare included; "
        "{available} can be used, {short} lack.",
    ),
}

PAPERS: dict[str, ProblemType] = {
    "composition_total": _type(
        422,
        "题型分值合计不符",
        "Wrong total of points",
        "各题型分值合计 {points} 分，应为 {total} 分。",
        "The item types are worth {points} points together; it must be {total}.",
    ),
    "blueprint_infeasible": _type(
        422,
        "无法组成双向细目表",
        "No blueprint",
        "按此题型题量，下列项目的分值不能恰好等于权重：{areas}。",
        "With this composition these areas cannot be given exactly their weight: {areas}.",
    ),
    "blueprint_area_unreachable": _type(
        422,
        "项目分值不符",
        "Weight out of reach",
        "“{area}”应为 {weight} 分，最接近只能组成 {nearest} 分。",
        "{area} must have {weight} points; the nearest possible is {nearest}.",
    ),
    "search_limit": _type(
        422,
        "未能求解",
        "No decision",
        "在规定的计算量内未能得出结果，请放宽要求后重试。",
        "No result was found within the limit of computation; relax the request and try again.",
    ),
    "forms_unavailable": _type(
        409,
        "题库不足以组卷",
        "The bank does not allow so many papers",
        "按要求不能组成 {forms} 套互不重复的试卷，最多 {possible} 套；原因见 errors。",
        "{forms} papers without common items are not possible, {possible} at most; errors say why.",
    ),
    "forms_cell_short": _type(
        409,
        "试题不足",
        "Too few items",
        "“{area}”的{type_zh}需要 {needed} 题，现有 {available} 题，还差 {short} 题。",
        "{area} needs {needed} {type_en} items, has {available} and lacks {short}.",
    ),
    "forms_own_level_short": _type(
        409,
        "本等级试题不足",
        "Too few items of the level",
        "“{area}”至少需要本等级试题 {needed} 题，可用 {available} 题，还差 {short} 题。",
        "{area} needs at least {needed} items of the level itself, can use {available} and lacks {short}.",
    ),
    "forms_own_level_blocks": _type(
        409,
        "本等级试题比例无法满足",
        "Share of own-level items blocks",
        "本等级试题的最低比例与其他要求不能同时满足。",
        "The least share of own-level items cannot be met together with the rest.",
    ),
    "forms_enemies_blocks": _type(
        409,
        "互斥题无法避开",
        "Enemies block",
        "互斥试题无法全部避开。",
        "Items that must not stand in one paper cannot all be kept apart.",
    ),
    "forms_difficulty_blocks": _type(
        409,
        "难度无法满足",
        "Difficulty blocks",
        "平均难度无法达到 {target}±{tolerance}。",
        "The mean difficulty cannot be within {tolerance} of {target}.",
    ),
    "blueprint_cell_short": _type(
        422,
        "试题不足",
        "Too few items",
        "“{area}”的{type_zh}现有 {available} 题，还差 {short} 题。",
        "{area} has {available} {type_en} items and lacks {short}.",
    ),
}

ROSTERS: dict[str, ProblemType] = {
    "roster_refused": _type(
        422,
        "名单或座位有误",
        "Roster refused",
        "名单或座位有误，未作任何更改；请按 errors 中所列位置改正后重试。",
        "The roster or a seat is not right and nothing was changed; correct the places listed in errors and try again.",
    ),
    "roster_empty": _type(
        422, "名单为空", "Empty roster", "文件中没有考生，请填写后再导入。", "The file lists no candidates; fill it in."
    ),
    "roster_too_long": _type(
        413,
        "名单过长",
        "Roster too long",
        "一次最多导入 {limit} 名考生，请分批导入。",
        "At most {limit} candidates at a time; split the roster.",
    ),
    "roster_file_too_large": _type(
        413,
        "文件过大",
        "File too large",
        "文件（解压后）超过上限，请只保留名单工作表后重试。",
        "The file (unpacked) exceeds the limit; keep only the sheet with the roster and try again.",
    ),
    "roster_file_unreadable": _type(
        422,
        "文件无法读取",
        "Unreadable file",
        "须为未加密的 .xlsx，或 UTF-8、GB18030 编码的 .csv；旧版 .xls 请另存为 .xlsx。",
        "It must be an .xlsx without password or a .csv in UTF-8 or GB18030; save an old .xls as .xlsx.",
    ),
    "column_missing": _type(
        422, "缺少列", "Column missing", "首行缺少“{column}”列。", "The first row lacks the column “{column}”."
    ),
    "column_repeated": _type(
        422, "列重复", "Column repeated", "同一内容的列只能有一个。", "There can be only one column of this kind."
    ),
    "value_missing": _type(422, "缺少内容", "Missing", "此项必填。", "This is required."),
    "value_repeated": _type(422, "内容重复", "Repeated", "与 {other} 重复。", "The same as at {other}."),
    "name_too_long": _type(
        422, "姓名过长", "Name too long", "姓名不得超过 {limit} 个字。", "A name has at most {limit} characters."
    ),
    "name_control_character": _type(
        422,
        "姓名含不可见字符",
        "Invisible character",
        "姓名含有不可见字符 {character}，请重新输入。",
        "The name contains the invisible character {character}; type it again.",
    ),
    "identity_number_as_number": _type(
        422,
        "身份证号被存为数字",
        "Identity number kept as a number",
        "此单元格为数字格式，后几位已丢失；请先将该列设为文本，再重新填写。",
        "The cell is a number and has lost its last digits; format the column as text first, then type it again.",
    ),
    "cell_not_text": _type(
        422,
        "单元格格式有误",
        "Not a text",
        "此单元格应为文本，请将该列设为文本后重新填写。",
        "The cell must be a text; format the column as text and type it again.",
    ),
    "seat_number_form": _type(
        422, "座位号有误", "Seat number", "座位号须为整数，如 12。", "A seat number is a whole number such as 12."
    ),
    "identity_entered": _type(
        422,
        "考生已在本场次",
        "Already entered",
        "此身份证号已在本场次名单中。",
        "This identity number is in this sitting already.",
    ),
    "identity_name_differs": _type(
        422,
        "姓名与已登记不符",
        "Name differs",
        "此身份证号已以另一姓名登记，请核对；确需更名，请在原报考记录中修改。",
        "This identity number is registered under another name; check it, or correct the name at the earlier entry.",
    ),
    "ticket_number_taken": _type(
        422,
        "准考证号已占用",
        "Ticket number taken",
        "本场次已有此准考证号。",
        "This sitting has this ticket number already.",
    ),
    "room_unknown": _type(
        422,
        "考场不存在",
        "Unknown room",
        "本场次没有考场“{room}”，请先建立考场或改正。",
        "This sitting has no room “{room}”; create it first or correct this.",
    ),
    "seat_without_room": _type(
        422,
        "缺少考场",
        "Seat without room",
        "有座位号而无考场：请补填，或两者都留空后自动排座。",
        "A seat needs a room; give it, or leave both empty and seat automatically.",
    ),
    "room_without_seat": _type(
        422,
        "缺少座位号",
        "Room without seat",
        "有考场而无座位号：请补填，或两者都留空后自动排座。",
        "A room needs a seat; give it, or leave both empty and seat automatically.",
    ),
    "seat_out_of_range": _type(
        422, "没有此座位", "No such seat", "该考场的座位号为 1 至 {seats}。", "The room's seats are 1 to {seats}."
    ),
    "seat_taken": _type(
        422, "座位已占用", "Seat taken", "该座位已有考生，请另选。", "Somebody has this seat; choose another."
    ),
    "entry_unknown": _type(
        422, "报考记录不存在", "Unknown entry", "本场次没有此报考记录。", "This sitting has no such entry."
    ),
}

CATALOG: dict[str, ProblemType] = HTTP | ACCESS | EXAM | FIELDS | STANDARDS | ITEMS | PAPERS | ROSTERS
