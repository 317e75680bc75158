"""Permissions are scopes; roles are named sets of them. A candidate's token holds only `exam:sit`."""

from enum import StrEnum


class Scope(StrEnum):
    standards_read = "standards:read"
    items_read = "items:read"
    items_read_keys = "items:read_keys"
    items_write = "items:write"
    items_review = "items:review"
    papers_read = "papers:read"
    papers_read_keys = "papers:read_keys"
    papers_write = "papers:write"
    sittings_read = "sittings:read"
    sittings_write = "sittings:write"
    rooms_proctor = "rooms:proctor"
    rooms_chief = "rooms:chief"
    results_read = "results:read"
    results_publish = "results:publish"
    audit_read = "audit:read"
    staff_manage = "staff:manage"
    exam_sit = "exam:sit"


class Role(StrEnum):
    admin = "admin"
    author = "author"
    reviewer = "reviewer"
    officer = "officer"
    chief = "chief"
    proctor = "proctor"
    auditor = "auditor"


SCOPES: dict[Scope, str] = {
    Scope.standards_read: "读取标准 Read standards",
    Scope.items_read: "读取试题（不含答案） Read items without keys",
    Scope.items_read_keys: "读取试题答案 Read the keys of items",
    Scope.items_write: "编写、导入试题 Write and import items",
    Scope.items_review: "审核、启用、停用试题 Review, activate and retire items",
    Scope.papers_read: "读取试卷（不含答案） Read papers without keys",
    Scope.papers_read_keys: "读取试卷答案 Read the keys of papers",
    Scope.papers_write: "组卷 Assemble papers",
    Scope.sittings_read: "读取场次、考场、名单 Read sittings, rooms and rosters",
    Scope.sittings_write: "编排场次 Plan and run sittings",
    Scope.rooms_proctor: "监考所分配的考场 Proctor the rooms assigned",
    Scope.rooms_chief: "主考：各考场及特殊处置 Chief: every room and the exceptional commands",
    Scope.results_read: "读取成绩 Read results",
    Scope.results_publish: "复核、发布成绩 Review and publish results",
    Scope.audit_read: "读取审计记录 Read the audit log",
    Scope.staff_manage: "管理工作人员账号 Manage staff accounts",
    Scope.exam_sit: "考生作答 Sit the exam",
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.admin: frozenset({Scope.staff_manage, Scope.standards_read}),
    Role.author: frozenset({Scope.standards_read, Scope.items_read, Scope.items_read_keys, Scope.items_write}),
    Role.reviewer: frozenset({Scope.standards_read, Scope.items_read, Scope.items_read_keys, Scope.items_review}),
    Role.officer: frozenset(
        {
            Scope.standards_read,
            Scope.items_read,
            Scope.items_read_keys,
            Scope.items_write,
            Scope.items_review,
            Scope.papers_read,
            Scope.papers_write,
            Scope.sittings_read,
            Scope.sittings_write,
            Scope.results_read,
            Scope.results_publish,
        }
    ),
    Role.chief: frozenset(
        {
            Scope.standards_read,
            Scope.papers_read,
            Scope.papers_read_keys,
            Scope.sittings_read,
            Scope.rooms_proctor,
            Scope.rooms_chief,
            Scope.results_read,
            Scope.results_publish,
        }
    ),
    Role.proctor: frozenset({Scope.standards_read, Scope.rooms_proctor}),
    Role.auditor: frozenset({Scope.standards_read, Scope.sittings_read, Scope.results_read, Scope.audit_read}),
}


def limited(held: frozenset[Scope], limit: tuple[str, ...] | None) -> frozenset[Scope]:
    """Of the scopes held those in `limit`; all without one."""
    return held if limit is None else frozenset(scope for scope in held if scope.value in limit)


def scopes_of(roles: tuple[str, ...]) -> frozenset[Scope]:
    """The union of the roles' scopes; an unknown role gives none."""
    known = frozenset(role.value for role in Role)
    return frozenset().union(*(ROLE_SCOPES[Role(role)] for role in roles if role in known))
