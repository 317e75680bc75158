"""What incidents (异常/违纪) there are, who reports them, and how grave they are."""

from enum import StrEnum


class IncidentSource(StrEnum):
    client = "client"
    server = "server"
    proctor = "proctor"


class Severity(StrEnum):
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
