"""Problems of rosters and seats."""

from app.core.problem_catalog.types import ProblemType, entry

ROSTERS: dict[str, ProblemType] = {
    "roster_refused": entry(
        422,
        "名单或座位有误",
        "Roster refused",
        "名单或座位有误，未作任何更改；请按 errors 中所列位置改正后重试。",
        "The roster or a seat is not right and nothing was changed; correct the places listed in errors and try again.",
    ),
    "roster_empty": entry(
        422, "名单为空", "Empty roster", "文件中没有考生，请填写后再导入。", "The file lists no candidates; fill it in."
    ),
    "roster_too_long": entry(
        413,
        "名单过长",
        "Roster too long",
        "一次最多导入 {limit} 名考生，请分批导入。",
        "At most {limit} candidates at a time; split the roster.",
    ),
    "roster_file_too_large": entry(
        413,
        "文件过大",
        "File too large",
        "文件（解压后）超过上限，请只保留名单工作表后重试。",
        "The file (unpacked) exceeds the limit; keep only the sheet with the roster and try again.",
    ),
    "roster_file_unreadable": entry(
        422,
        "文件无法读取",
        "Unreadable file",
        "须为未加密的 .xlsx，或 UTF-8、GB18030 编码的 .csv；旧版 .xls 请另存为 .xlsx。",
        "It must be an .xlsx without password or a .csv in UTF-8 or GB18030; save an old .xls as .xlsx.",
    ),
    "column_missing": entry(
        422, "缺少列", "Column missing", "首行缺少“{column}”列。", "The first row lacks the column “{column}”."
    ),
    "column_repeated": entry(
        422, "列重复", "Column repeated", "同一内容的列只能有一个。", "There can be only one column of this kind."
    ),
    "value_missing": entry(422, "缺少内容", "Missing", "此项必填。", "This is required."),
    "value_repeated": entry(422, "内容重复", "Repeated", "与 {other} 重复。", "The same as at {other}."),
    "name_too_long": entry(
        422, "姓名过长", "Name too long", "姓名不得超过 {limit} 个字。", "A name has at most {limit} characters."
    ),
    "name_control_character": entry(
        422,
        "姓名含不可见字符",
        "Invisible character",
        "姓名含有不可见字符 {character}，请重新输入。",
        "The name contains the invisible character {character}; type it again.",
    ),
    "identity_number_as_number": entry(
        422,
        "身份证号被存为数字",
        "Identity number kept as a number",
        "此单元格为数字格式，后几位已丢失；请先将该列设为文本，再重新填写。",
        "The cell is a number and has lost its last digits; format the column as text first, then type it again.",
    ),
    "cell_not_text": entry(
        422,
        "单元格格式有误",
        "Not a text",
        "此单元格应为文本，请将该列设为文本后重新填写。",
        "The cell must be a text; format the column as text and type it again.",
    ),
    "seat_number_form": entry(
        422, "座位号有误", "Seat number", "座位号须为整数，如 12。", "A seat number is a whole number such as 12."
    ),
    "identity_entered": entry(
        422,
        "考生已在本场次",
        "Already entered",
        "此身份证号已在本场次名单中。",
        "This identity number is in this sitting already.",
    ),
    "identity_name_differs": entry(
        422,
        "姓名与已登记不符",
        "Name differs",
        "此身份证号已以另一姓名登记，请核对；确需更名，请在原报考记录中修改。",
        "This identity number is registered under another name; check it, or correct the name at the earlier entry.",
    ),
    "ticket_number_taken": entry(
        422,
        "准考证号已占用",
        "Ticket number taken",
        "本场次已有此准考证号。",
        "This sitting has this ticket number already.",
    ),
    "room_unknown": entry(
        422,
        "考场不存在",
        "Unknown room",
        "本场次没有考场“{room}”，请先建立考场或改正。",
        "This sitting has no room “{room}”; create it first or correct this.",
    ),
    "seat_without_room": entry(
        422,
        "缺少考场",
        "Seat without room",
        "有座位号而无考场：请补填，或两者都留空后自动排座。",
        "A seat needs a room; give it, or leave both empty and seat automatically.",
    ),
    "room_without_seat": entry(
        422,
        "缺少座位号",
        "Room without seat",
        "有考场而无座位号：请补填，或两者都留空后自动排座。",
        "A room needs a seat; give it, or leave both empty and seat automatically.",
    ),
    "seat_out_of_range": entry(
        422, "没有此座位", "No such seat", "该考场的座位号为 1 至 {seats}。", "The room's seats are 1 to {seats}."
    ),
    "seat_taken": entry(
        422, "座位已占用", "Seat taken", "该座位已有考生，请另选。", "Somebody has this seat; choose another."
    ),
    "entry_unknown": entry(
        422, "报考记录不存在", "Unknown entry", "本场次没有此报考记录。", "This sitting has no such entry."
    ),
}
