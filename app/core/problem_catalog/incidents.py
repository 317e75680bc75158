"""Problems of incidents and their evidence."""

from app.core.problem_catalog.types import ProblemType, entry

INCIDENTS: dict[str, ProblemType] = {
    "room_sealed": entry(
        409,
        "考场已封存",
        "Room sealed",
        "考场记录已由两名监考员确认封存，不能再改动。",
        "Two proctors have confirmed the room's record; nothing can be added to it.",
    ),
    "evidence_too_large": entry(
        413,
        "图片过大",
        "Picture too large",
        "图片不得超过 2 MiB 和 2400 万像素，请缩小后重传。",
        "A picture has at most 2 MiB and 24 million pixels; make it smaller and send it again.",
    ),
    "evidence_not_picture": entry(
        415,
        "不是可用的图片",
        "Not a picture",
        "只接受完好的 PNG 或 JPEG 图片。",
        "Only sound PNG and JPEG pictures are taken.",
    ),
    "evidence_full": entry(
        409,
        "图片过多",
        "Too many pictures",
        "每条异常最多 {most} 张图片，请另记一条异常。",
        "An incident takes at most {most} pictures; report another incident.",
    ),
}
