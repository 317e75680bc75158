"""Problems of logging in and permissions."""

from app.core.problem_catalog.types import ProblemType, entry

ACCESS: dict[str, ProblemType] = {
    "not_authenticated": entry(
        401, "尚未登录", "Not authenticated", "请先登录并携带访问令牌。", "Log in first and send the access token."
    ),
    "invalid_token": entry(
        401,
        "令牌无效",
        "Invalid token",
        "访问令牌无效或已过期，请重新登录。",
        "The access token is invalid or has expired; log in again.",
    ),
    "not_allowed": entry(
        403, "没有权限", "Not allowed", "此操作需要权限：{scopes}。", "This needs the permission: {scopes}."
    ),
    "wrong_password": entry(
        401,
        "用户名或密码错误",
        "Wrong user name or password",
        "用户名或密码错误。",
        "The user name or password is wrong.",
    ),
    "locked_out": entry(
        429,
        "暂时锁定",
        "Locked out",
        "连续失败次数过多，请在 {seconds} 秒后重试。",
        "Too many failures; try again in {seconds} seconds.",
    ),
    "invalid_refresh_token": entry(
        401,
        "刷新令牌无效",
        "Invalid refresh token",
        "刷新令牌无效、已过期或已注销，请重新登录。",
        "The refresh token is invalid, has expired or was revoked; log in again.",
    ),
    "refresh_token_reused": entry(
        401,
        "刷新令牌重复使用",
        "Refresh token reused",
        "刷新令牌已用过，可能已泄露；此次登录已全部注销，请重新登录。",
        "The refresh token was used before and may have leaked; this login is ended everywhere; log in again.",
    ),
    "current_password_wrong": entry(
        422, "当前密码错误", "Wrong current password", "当前密码错误，密码未更改。", "The password was not changed."
    ),
    "password_refused": entry(
        422,
        "密码不符合要求",
        "Password refused",
        "密码不符合要求，请按 errors 中所列原因另选密码。",
        "Choose another password; errors say why.",
    ),
    "password_too_short": entry(
        422, "密码过短", "Too short", "至少 {minimum} 个字符。", "At least {minimum} characters."
    ),
    "password_contains_username": entry(
        422, "密码含用户名", "Contains the user name", "不得包含用户名。", "It must not contain the user name."
    ),
    "password_guessable": entry(
        422,
        "密码容易猜中",
        "Easy to guess",
        "为常见密码或有规律的字符，容易猜中。",
        "It is a common password or follows a pattern.",
    ),
    "username_taken": entry(
        409,
        "用户名已存在",
        "User name taken",
        "用户名“{username}”已存在，请换一个。",
        "There is an account “{username}” already; choose another name.",
    ),
    "own_account": entry(
        409,
        "不能这样修改自己的账号",
        "Own account",
        "不能停用自己的账号或取消自己的账号管理权限；修改自己的密码请用 /auth/password。",
        "You cannot deactivate your own account or take away its right to manage accounts; "
        "change your own password at /auth/password.",
    ),
    "metrics_token_required": entry(
        401,
        "需要指标令牌",
        "Metrics token required",
        "运行指标只对本机和持令牌者开放：请设置 KAOCHANG_METRICS_TOKEN，并以 Authorization: Bearer 携带。",
        "Figures are for this machine and for who has the token: set KAOCHANG_METRICS_TOKEN and send it as "
        "Authorization: Bearer.",
    ),
}
