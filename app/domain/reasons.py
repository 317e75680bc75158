"""Why something is taken from a candidate or time is given: codes, and whether they stop the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    environment_power = "environment.power"
    environment_noise = "environment.noise"
    environment_evacuation = "environment.evacuation"
    candidate_illness = "candidate.illness"
    candidate_absence = "candidate.absence"
    candidate_misconduct = "candidate.misconduct"
    candidate_identity = "candidate.identity"
    candidate_accommodation = "candidate.accommodation"
    candidate_request = "candidate.request"
    staff_late_start = "staff.late_start"
    staff_error = "staff.error"
    technical_device = "technical.device"
    technical_network = "technical.network"
    technical_system = "technical.system"
    other = "other"


@dataclass(frozen=True)
class ReasonText:
    zh: str
    en: str
    stops_clock: bool


REASONS: Mapping[Reason, ReasonText] = {
    Reason.environment_power: ReasonText("停电", "Power cut", True),
    Reason.environment_noise: ReasonText("环境干扰", "Noise or disturbance", True),
    Reason.environment_evacuation: ReasonText("疏散", "Evacuation", True),
    Reason.candidate_illness: ReasonText("考生身体不适", "Candidate unwell", False),
    Reason.candidate_absence: ReasonText("考生暂离", "Candidate left the room", False),
    Reason.candidate_misconduct: ReasonText("考生违纪", "Misconduct", False),
    Reason.candidate_identity: ReasonText("身份存疑", "Doubt about identity", False),
    Reason.candidate_accommodation: ReasonText("合理便利", "Accommodation", False),
    Reason.candidate_request: ReasonText("考生请求", "Candidate's request", False),
    Reason.staff_late_start: ReasonText("考务原因晚开考", "Late start by staff", True),
    Reason.staff_error: ReasonText("工作人员失误", "Staff error", True),
    Reason.technical_device: ReasonText("设备故障", "Device failure", True),
    Reason.technical_network: ReasonText("网络故障", "Network failure", True),
    Reason.technical_system: ReasonText("系统故障", "System failure", True),
    Reason.other: ReasonText("其他", "Other", False),
}
