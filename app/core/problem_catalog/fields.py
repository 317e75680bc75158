"""Problems of single places of the input."""

from app.core.problem_catalog.types import ProblemType, entry

FIELDS: dict[str, ProblemType] = {
    "identity_number_form": entry(
        422,
        "身份证号有误",
        "Identity number",
        "须为 18 位：17 位数字和末位数字或 X。",
        "18 characters: 17 digits, then a digit or X.",
    ),
    "identity_number_date": entry(
        422, "身份证号有误", "Identity number", "出生日期不存在。", "The date of birth does not exist."
    ),
    "identity_number_check_digit": entry(
        422, "身份证号有误", "Identity number", "校验码不符，请核对。", "The check digit is wrong."
    ),
    "ticket_number_form": entry(
        422, "准考证号有误", "Ticket number", "须为 4 至 32 位字母或数字。", "4 to 32 letters or digits."
    ),
    "duration_below_minimum": entry(
        422,
        "考试时间过短",
        "Too short",
        "标准要求不少于 {minimum} 分钟。",
        "The standard asks for at least {minimum} minutes.",
    ),
    "too_few_proctors": entry(
        422,
        "监考员不足",
        "Too few proctors",
        "{room} 有 {candidates} 名考生，须 {needed} 名监考员，现有 {assigned} 名。",
        "{room} has {candidates} candidates and needs {needed} proctors; {assigned} are assigned.",
    ),
    "after_the_end": entry(
        422, "时间设置有误", "After the end", "不得晚于考试结束。", "This must not lie after the end of the exam."
    ),
    "starts_in_the_past": entry(
        422, "开考时间有误", "Start in the past", "开考时间已过，请另定时间。", "The start has passed; choose another."
    ),
    "paper_does_not_fit": entry(
        422,
        "试卷不符",
        "Paper does not fit",
        "试卷不存在、重复，或不属于本标准和等级。",
        "The paper does not exist, is repeated, or is of another standard or level.",
    ),
    "room_name_taken": entry(
        422, "考场名称重复", "Room name taken", "考场名称“{name}”已存在。", "There is a room named “{name}” already."
    ),
    "proctor_unknown": entry(
        422,
        "监考员有误",
        "Unknown proctor",
        "没有可用的监考员账号“{username}”，或重复。",
        "There is no active proctor account “{username}”, or it is repeated.",
    ),
    "proctor_elsewhere": entry(
        422,
        "监考员已在其他考场",
        "Proctor elsewhere",
        "“{username}”已分配到本场次的其他考场。",
        "“{username}” is assigned to another room of this sitting.",
    ),
    "alarm_rule_repeated": entry(
        422,
        "异常规则重复",
        "Rule repeated",
        "每类异常只能有一条规则：{kind}。",
        "There is more than one rule for {kind}.",
    ),
    "alarm_rule_threshold": entry(
        422,
        "阈值有误",
        "Threshold",
        "network_lost、clock_skew、sweeper_late 须给出阈值，其他种类不得给出：{kind}。",
        "network_lost, clock_skew and sweeper_late need a threshold, other kinds have none: {kind}.",
    ),
    "no_paper": entry(
        422, "未选试卷", "No paper", "请为场次选定至少一份试卷。", "Choose at least one paper for the sitting."
    ),
    "no_entries": entry(422, "没有考生", "No entries", "请先导入考生名单。", "Add candidates first."),
    "entry_without_seat": entry(
        422, "考生未排座位", "No seat", "准考证号 {ticket} 未安排考场和座位。", "Ticket {ticket} has no room and seat."
    ),
}
