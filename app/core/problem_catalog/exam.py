"""Problems of sittings, rooms and attempts."""

from app.core.problem_catalog.types import ProblemType, entry

EXAM: dict[str, ProblemType] = {
    "invalid_transition": entry(
        409,
        "当前状态不允许此操作",
        "Not possible in this state",
        "状态为 {state} 时不能执行 {command}。",
        "{command} is not possible in the state {state}.",
    ),
    "room_not_open": entry(
        409, "考场未开放", "Room not open", "考场当前状态为 {state}。", "The room is in the state {state}."
    ),
    "not_checked_in": entry(
        409, "尚未签到", "Not checked in", "请先由监考员核验身份。", "A proctor must check your identity first."
    ),
    "lease_held": entry(
        409,
        "已在另一设备登录",
        "Logged in on another device",
        "您已在另一设备登录，请监考员释放后再登录。",
        "You are logged in on another device; ask a proctor to release it.",
    ),
    "lease_moved": entry(
        409,
        "已转到另一设备",
        "Moved to another device",
        "作答已转到另一设备，此设备不能再提交。",
        "The attempt has moved to another device; this one can no longer write.",
    ),
    "deadline_passed": entry(409, "考试时间已到", "Time is up", "考试时间已到。", "The time is up."),
    "deadline_not_passed": entry(
        409, "考试时间未到", "Time is not up", "考试时间尚未结束。", "The time is not up yet."
    ),
    "late_entry_closed": entry(
        409, "已停止入场", "Late entry closed", "已过迟到截止时间，不能开考。", "It is too late to start."
    ),
    "late_entry_still_open": entry(
        409, "仍可入场", "Late entry still open", "迟到截止时间未到。", "Candidates may still start."
    ),
    "not_started_yet": entry(
        409, "尚未开考", "Not started yet", "开考时间为 {starts_at}。", "The exam starts at {starts_at}."
    ),
    "too_early": entry(
        409, "未到交卷时间", "Too early to hand in", "{opens_at} 起方可交卷。", "Handing in opens at {opens_at}."
    ),
    "termination_not_proposed": entry(
        409,
        "没有此终止提议",
        "Termination not proposed",
        "没有待确认的这一终止提议：可能已撤回，或已另行提议。请查看最新状态。",
        "No such proposal is open: it may have been withdrawn, or another one made. Look at the candidate's row again.",
    ),
    "termination_already_proposed": entry(
        409,
        "已有终止提议",
        "Termination already proposed",
        "已有人提议终止：主考确认时须写明提议编号（confirms）。",
        "Somebody has proposed it already: a chief confirms it by its number (`confirms`).",
    ),
    "second_person_needed": entry(
        409,
        "须由另一人确认",
        "A second person is needed",
        "提议人与确认人不能是同一人。",
        "Who proposes cannot confirm.",
    ),
    "reason_not_fitting": entry(
        422,
        "原因不适用",
        "The reason does not fit",
        "原因 {reason} 不适用于 {command}；可用：{fits}。",
        "The reason {reason} does not fit {command}; these do: {fits}.",
    ),
    "interruption_with_room": entry(
        409,
        "属于考场暂停",
        "Part of a room's suspension",
        "此中断属于考场暂停，暂停期间一律停表，不能更正；需要时请另行延时。",
        "This interruption is part of the room's suspension, in which every clock stands; grant time if needed.",
    ),
    "deadline_would_pass": entry(
        409,
        "更正后时间已到",
        "The time would be up",
        "更正后截止时间将不晚于现在；请先延时，再更正。",
        "With this correction the deadline would not lie in the future; grant time first, then correct.",
    ),
    "only_in_rehearsal": entry(
        409,
        "仅限演练场次",
        "In a rehearsal only",
        "正式场次晚开考必须顺延，请去掉 keep_end。",
        "In a real sitting a late start moves the end; leave keep_end out.",
    ),
    "sitting_not_live": entry(
        409,
        "场次未开放",
        "Sitting not live",
        "场次当前状态为 {state}，须先由考务开放。",
        "The sitting is {state}; an officer must take it live first.",
    ),
    "staffing_too_low": entry(
        409,
        "监考员不足",
        "Too few proctors",
        "监考员人数低于标准要求，见 errors。",
        "There are fewer proctors than the standard asks for; see errors.",
    ),
    "attempts_unfinished": entry(
        409,
        "仍有考生未结束",
        "Attempts unfinished",
        "仍有 {count} 名考生未交卷或可入场，不能关闭考场。",
        "The room cannot be closed; candidates who are writing or may still start: {count}.",
    ),
    "record_changed": entry(
        409,
        "考场记录已有变动",
        "Room record changed",
        "考场记录已有变动，此前的确认不再有效。请重新读取考场记录并核对，两名监考员各自以新的 record_digest 确认。",
        "The room's record has changed, and what was confirmed before no longer counts. Read the record again and "
        "check it; then two proctors each confirm it by its new record_digest.",
    ),
    "responses_missing": entry(
        409,
        "有答案尚未送达",
        "Answers missing",
        "服务器所存答案与客户端不符：请对照 stored 补送 missing 所列题号或尚未确认的答案，然后重新交卷。",
        "The server does not have what the client has: compare with stored, send the numbers in missing or what was "
        "not acknowledged, and hand in again.",
    ),
    "save_queue_full": entry(
        503,
        "服务繁忙",
        "Busy",
        "服务繁忙，本次答案未保存，请稍后重发。",
        "The service is busy; nothing was saved; send the answers again shortly.",
    ),
    "paper_not_open": entry(
        409,
        "现在不能查看试卷",
        "Paper not open",
        "试卷仅在作答期间可以查看。",
        "The paper is open only while you write.",
    ),
    "result_not_published": entry(
        409, "成绩尚未发布", "Result not published", "成绩尚未发布。", "The result is not published yet."
    ),
    "login_refused": entry(
        401,
        "登录信息有误",
        "Login refused",
        "准考证号或身份证号有误。",
        "The ticket number or the identity number is wrong.",
    ),
    "wrong_seat": entry(
        409,
        "座位不符",
        "Wrong seat",
        "您的座位是 {room} {seat} 号，请到该座位登录。",
        "Your seat is {room}, number {seat}; log in there.",
    ),
    "too_many_hands": entry(
        429,
        "举手过于频繁",
        "Hand raised too often",
        "举手过于频繁，请稍候片刻再举手，或直接向监考员示意。",
        "You have raised your hand too often; wait a moment, or call the proctor.",
    ),
    "stream_replaced": entry(
        409,
        "已在另一处打开",
        "Opened elsewhere",
        "此作答已打开另一条消息流，本条已结束；无需重连。",
        "Another stream of this attempt has been opened; this one has ended, do not reconnect.",
    ),
    "service_stopping": entry(
        503,
        "服务正在停止",
        "Service stopping",
        "服务正在停止或重启，请稍后重连。",
        "The service is stopping or starting anew; connect again in a moment.",
    ),
    "not_submitted": entry(409, "尚未交卷", "Not handed in", "尚未交卷。", "Nothing has been handed in."),
    "paper_damaged": entry(
        500,
        "试卷已损坏",
        "Paper damaged",
        "试卷 {paper} 的内容与封存时的摘要不符，请告知管理员。",
        "The content of paper {paper} no longer has the hash it was sealed with; tell the administrator.",
    ),
    "sitting_refused": entry(
        422,
        "场次设置有误",
        "Sitting refused",
        "场次设置不符合要求，见 errors。",
        "The sitting does not meet the rules; see errors.",
    ),
    "sitting_not_ready": entry(
        409,
        "场次尚不具备条件",
        "Sitting not ready",
        "场次尚不具备开考条件，见 errors。",
        "The sitting cannot become ready yet; see errors.",
    ),
    "sitting_frozen": entry(
        409,
        "场次已冻结",
        "Sitting frozen",
        "场次状态为 {state}，不能再修改。",
        "The sitting is {state} and can no longer be changed.",
    ),
    "rooms_refused": entry(
        422, "考场设置有误", "Rooms refused", "考场设置有误，见 errors。", "The rooms are not right; see errors."
    ),
    "rooms_open": entry(
        409, "考场未关闭", "Rooms still open", "以下考场尚未关闭：{rooms}。", "These rooms are not closed yet: {rooms}."
    ),
    "results_unreviewed": entry(
        409,
        "尚有成绩未复核",
        "Results not reviewed",
        "还有 {count} 份成绩未复核；请先复核，或以 confirm_unreviewed: true 发布。",
        "{count} results are not reviewed yet; review them first, or publish with confirm_unreviewed: true.",
    ),
    "not_all_graded": entry(
        409,
        "尚未全部评分",
        "Not all graded",
        "还有 {count} 份试卷待评分，请稍后再发布。",
        "{count} papers wait for grading; publish a little later.",
    ),
    "not_enough_seats": entry(
        409,
        "座位不足",
        "Not enough seats",
        "共有 {entries} 名考生待安排，仅余 {seats} 个座位。",
        "{entries} candidates need a seat, {seats} are free.",
    ),
}
