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
    "body_too_large": entry(
        413,
        "请求内容过大",
        "Body too large",
        "此地址的请求内容不得超过 {megabytes} MB，请缩小或分批发送。",
        "The body of a request to this address has at most {megabytes} MB; make it smaller or send it in parts.",
    ),
    "too_many_requests": entry(
        429,
        "请求过于频繁",
        "Too many requests",
        "请求过于频繁，本次内容未保存；请在 {seconds} 秒后原样重发，可将多题合并发送。",
        "Too many requests; nothing of this one was stored. Send it again in {seconds} seconds, with more answers.",
    ),
    "database_unavailable": entry(
        503,
        "服务暂时不可用",
        "Temporarily unavailable",
        "数据库暂时不可用，本次请求未作任何更改，请稍后重试。",
        "The database is away for the moment; nothing was changed; try again shortly.",
    ),
    "pages_missing": entry(
        503,
        "页面尚未构建",
        "Pages not built",
        "本次安装没有网页：请运行 make pages 后重启服务；接口不受影响。",
        "This installation has no pages: run `make pages` and restart the service; the interface is not affected.",
    ),
    "service_unreachable": entry(
        503,
        "服务暂时不可用",
        "Temporarily unavailable",
        "服务暂时不可用，请稍后重试。",
        "The service is away for the moment; try again shortly.",
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
