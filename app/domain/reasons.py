"""The taxonomy of reasons: why something is taken from a candidate or time is given.

A code's part before the dot is its category. Codes are never renamed or taken out, since records name them;
`TAXONOMY_VERSION` rises with every change of the table, and audit events carry it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.problems import Problem

TAXONOMY_VERSION = 2


class Reasoned(StrEnum):
    """The commands that ask for a reason; `suspend` is the whole room's."""

    release = "release"
    interrupt = "interrupt"
    suspend = "suspend"
    grant = "grant"
    submit = "submit"
    terminate = "terminate"
    reopen = "reopen"
    reverse_absence = "reverse_absence"


class Reason(StrEnum):
    environment_power = "environment.power"
    environment_noise = "environment.noise"
    environment_evacuation = "environment.evacuation"
    environment_fire_drill = "environment.fire_drill"
    environment_climate = "environment.climate"
    environment_medical_emergency = "environment.medical_emergency"
    candidate_illness = "candidate.illness"
    candidate_restroom = "candidate.restroom"
    candidate_absence = "candidate.absence"
    candidate_late = "candidate.late"
    candidate_wrong_seat = "candidate.wrong_seat"
    candidate_identity = "candidate.identity"
    candidate_accommodation = "candidate.accommodation"
    candidate_request = "candidate.request"
    candidate_left = "candidate.left"
    candidate_misconduct = "candidate.misconduct"
    candidate_impersonation = "candidate.impersonation"
    candidate_forbidden_material = "candidate.forbidden_material"
    candidate_forbidden_device = "candidate.forbidden_device"
    candidate_collusion = "candidate.collusion"
    candidate_copying = "candidate.copying"
    candidate_disclosure = "candidate.disclosure"
    candidate_disorder = "candidate.disorder"
    staff_late_start = "staff.late_start"
    staff_check_in_delay = "staff.check_in_delay"
    staff_wrong_seating = "staff.wrong_seating"
    staff_wrong_command = "staff.wrong_command"
    staff_error = "staff.error"
    technical_device = "technical.device"
    technical_display = "technical.display"
    technical_input = "technical.input"
    technical_login = "technical.login"
    technical_software = "technical.software"
    technical_network = "technical.network"
    technical_system = "technical.system"
    other = "other"

    @property
    def category(self) -> str:
        return self.value.partition(".")[0]


@dataclass(frozen=True)
class ReasonEntry:
    """`stops_clock`: whether an interruption for this reason does; `fits`: the commands that it may be given with."""

    zh: str
    en: str
    stops_clock: bool
    fits: frozenset[Reasoned]


ANY = frozenset(Reasoned) - {Reasoned.terminate}
"""What befell the candidate explains everything but a termination."""
ONE = ANY - {Reasoned.suspend}
DISCIPLINE = frozenset({Reasoned.interrupt, Reasoned.terminate})
"""A breach of the rules ends an attempt by two people, never by collecting the paper."""
ADMISSION = frozenset({Reasoned.grant, Reasoned.reverse_absence})
AWAY = frozenset({Reasoned.interrupt, Reasoned.submit})

REASONS: Mapping[Reason, ReasonEntry] = {
    Reason.environment_power: ReasonEntry("停电", "Power cut", True, ANY),
    Reason.environment_noise: ReasonEntry("环境干扰", "Noise or disturbance", True, ANY),
    Reason.environment_evacuation: ReasonEntry("疏散", "Evacuation", True, ANY),
    Reason.environment_fire_drill: ReasonEntry("消防演习或误报", "Fire drill or false alarm", True, ANY),
    Reason.environment_climate: ReasonEntry("温度、照明或漏水", "Temperature, light or water", True, ANY),
    Reason.environment_medical_emergency: ReasonEntry("考场内突发急病", "Medical emergency in the room", True, ANY),
    Reason.candidate_illness: ReasonEntry("考生身体不适", "Candidate unwell", False, ONE),
    Reason.candidate_restroom: ReasonEntry("去洗手间", "Restroom", False, frozenset({Reasoned.interrupt})),
    Reason.candidate_absence: ReasonEntry("考生暂离", "Candidate left the room", False, AWAY),
    Reason.candidate_late: ReasonEntry("考生迟到", "Candidate came late", False, ADMISSION),
    Reason.candidate_wrong_seat: ReasonEntry(
        "考生坐错座位", "Candidate in a wrong seat", False, frozenset({Reasoned.release, Reasoned.interrupt})
    ),
    Reason.candidate_identity: ReasonEntry(
        "身份存疑", "Doubt about identity", False, DISCIPLINE | {Reasoned.release, Reasoned.reverse_absence}
    ),
    Reason.candidate_accommodation: ReasonEntry("合理便利", "Accommodation", False, ONE),
    Reason.candidate_request: ReasonEntry("考生请求", "Candidate's request", False, ONE),
    Reason.candidate_left: ReasonEntry(
        "考生离场未交卷", "Left without handing in", False, frozenset({Reasoned.submit, Reasoned.terminate})
    ),
    Reason.candidate_misconduct: ReasonEntry("考生违纪", "Misconduct", False, DISCIPLINE),
    Reason.candidate_impersonation: ReasonEntry("替考", "Impersonation", False, DISCIPLINE),
    Reason.candidate_forbidden_material: ReasonEntry("夹带、查阅资料", "Forbidden material", False, DISCIPLINE),
    Reason.candidate_forbidden_device: ReasonEntry("使用通讯或电子设备", "Forbidden device", False, DISCIPLINE),
    Reason.candidate_collusion: ReasonEntry("交谈、传递答案", "Talking or passing answers", False, DISCIPLINE),
    Reason.candidate_copying: ReasonEntry("抄袭或让他人抄袭", "Copying or letting copy", False, DISCIPLINE),
    Reason.candidate_disclosure: ReasonEntry(
        "拍摄、抄录、泄露试题", "Photographing, noting down or disclosing items", False, DISCIPLINE
    ),
    Reason.candidate_disorder: ReasonEntry("扰乱秩序、不服从监考", "Disorder or disobedience", False, DISCIPLINE),
    Reason.staff_late_start: ReasonEntry("考务原因晚开考", "Late start by staff", True, ONE),
    Reason.staff_check_in_delay: ReasonEntry("签到排队延误", "Delay at check-in", True, ADMISSION),
    Reason.staff_wrong_seating: ReasonEntry("座位安排有误", "Seated wrongly by staff", True, ONE),
    Reason.staff_wrong_command: ReasonEntry("误操作更正", "Correction of a wrong command", True, ONE),
    Reason.staff_error: ReasonEntry("工作人员失误", "Staff error", True, ANY),
    Reason.technical_device: ReasonEntry("设备故障", "Device failure", True, ANY),
    Reason.technical_display: ReasonEntry("显示故障", "Display failure", True, ONE),
    Reason.technical_input: ReasonEntry("键盘、鼠标或触屏故障", "Keyboard, mouse or touch failure", True, ONE),
    Reason.technical_login: ReasonEntry("无法登录", "Login failure", True, ONE),
    Reason.technical_software: ReasonEntry("客户端软件故障", "Client software failure", True, ONE),
    Reason.technical_network: ReasonEntry("网络故障", "Network failure", True, ANY),
    Reason.technical_system: ReasonEntry("系统故障", "System failure", True, ANY),
    Reason.other: ReasonEntry("其他", "Other", False, ANY),
}


def fitting(command: Reasoned) -> list[Reason]:
    """The reasons that may be given with a command, in the order of the table."""
    return [reason for reason, entry in REASONS.items() if command in entry.fits]


def require_fit(reason: Reason, command: Reasoned) -> None:
    """Raises Problem `reason_not_fitting` (422) with the reasons that fit the command."""
    if command not in REASONS[reason].fits:
        fits = [fit.value for fit in fitting(command)]
        raise Problem(
            "reason_not_fitting", reason=reason.value, command=command.value, fits=", ".join(fits), extra={"fits": fits}
        )


def reason_details(reason: Reason) -> dict[str, str | int]:
    """What an audit event says of a reason."""
    return {"reason": reason.value, "taxonomy": TAXONOMY_VERSION}
