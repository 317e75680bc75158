"""Problems of HTTP itself."""

from app.core.problem_catalog.types import ProblemType, entry

HTTP: dict[str, ProblemType] = {
    "not_found": entry(404, "找不到", "Not found", "没有此地址或对象：{what}。", "No such address or object: {what}."),
    "method_not_allowed": entry(
        405, "方法不允许", "Method not allowed", "此地址不支持 {method}。", "This address does not support {method}."
    ),
    "invalid_request": entry(
        422,
        "请求内容有误",
        "Invalid request",
        "请按 errors 中所列位置改正后重试。",
        "Correct the places listed in errors and try again.",
    ),
    "invalid_field": entry(422, "内容有误", "Invalid field", "{message}。", "{message}."),
    "internal_error": entry(
        500,
        "服务器内部错误",
        "Internal error",
        "服务器发生意外错误，请求编号 {request_id}，请告知管理员。",
        "An unexpected error occurred; tell the administrator the request id {request_id}.",
    ),
    "bad_request": entry(
        400, "请求有误", "Bad request", "请求无法处理：{message}", "The request cannot be handled: {message}"
    ),
    "database_unavailable": entry(
        503,
        "服务暂时不可用",
        "Temporarily unavailable",
        "数据库暂时不可用，本次请求未作任何更改，请稍后重试。",
        "The database is away for the moment; nothing was changed; try again shortly.",
    ),
    "idempotency_key_reused": entry(
        422,
        "幂等键重复使用",
        "Idempotency key reused",
        "此 Idempotency-Key 已用于另一请求，请换用新键。",
        "This Idempotency-Key was used for another request; use a new one.",
    ),
    "invalid_cursor": entry(
        422,
        "分页游标无效",
        "Invalid cursor",
        "请使用上一页返回的 next_cursor。",
        "Use next_cursor of the answer before.",
    ),
}
