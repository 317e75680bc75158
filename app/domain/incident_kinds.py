"""What incidents (异常/违纪) there are, who reports them, and how grave they are."""

from collections.abc import Iterable
from enum import StrEnum


class IncidentSource(StrEnum):
    client = "client"
    server = "server"
    proctor = "proctor"


class Severity(StrEnum):
    """From the slightest to the gravest."""

    info = "info"
    warning = "warning"
    alarm = "alarm"


class IncidentKind(StrEnum):
    focus_lost = "focus_lost"
    full_screen_left = "full_screen_left"
    copy = "copy"
    paste = "paste"
    second_login = "second_login"
    network_lost = "network_lost"
    clock_skew = "clock_skew"
    wrong_seat = "wrong_seat"
    wrong_room = "wrong_room"
    staff_below_ratio = "staff_below_ratio"
    save_errors = "save_errors"
    sweeper_late = "sweeper_late"
    misconduct = "misconduct"
    identity_doubt = "identity_doubt"
    illness = "illness"
    device_fault = "device_fault"
    disturbance = "disturbance"
    other = "other"


GRAVITY = tuple(Severity)

CLIENT_KINDS = frozenset(
    {
        IncidentKind.focus_lost,
        IncidentKind.full_screen_left,
        IncidentKind.copy,
        IncidentKind.paste,
        IncidentKind.network_lost,
        IncidentKind.clock_skew,
        IncidentKind.wrong_seat,
        IncidentKind.wrong_room,
    }
)
"""What a candidate's client reports as an event and becomes an incident."""

CONDITION_KINDS = frozenset(
    {
        IncidentKind.staff_below_ratio,
        IncidentKind.sweeper_late,
        IncidentKind.network_lost,
        IncidentKind.clock_skew,
    }
)
"""What the server watches: it lasts from when it is noticed until it is over, and is then no repeat of itself."""


def gravest(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=GRAVITY.index)
