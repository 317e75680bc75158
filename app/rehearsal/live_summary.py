"""Makes the live part of the report of what the readers of streams have seen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.rehearsal.known import Letters
from app.rehearsal.live import Live, StreamSummary
from app.rehearsal.measures import Latency, latency, quantiles_ms
from app.rehearsal.reader import Reader
from app.rehearsal.sight import Lag

SAVE = "save"


def summarise_live(
    readers: Sequence[Reader], letters: Sequence[Letters], acts: Mapping[str, int], wrong: int, fallback: timedelta
) -> Live:
    lags = [lag for reader in readers for lag in reader.screen.lags]
    saves = [lag for lag in lags if lag.kind == SAVE]
    kinds: dict[str, list[Lag]] = defaultdict(list)
    for lag in lags:
        kinds[lag.kind].append(lag)
    return Live(
        fallback_seconds=fallback.total_seconds(),
        wrong=wrong,
        rows={kind: latency(_seconds(own)) for kind, own in sorted(kinds.items())},
        same_server=_latency([lag for lag in saves if not lag.across]),
        other_server=_latency([lag for lag in saves if lag.across]),
        save_quantiles_ms=quantiles_ms(_seconds(saves)) if saves else [],
        delivered=_of([seconds for one in letters for seconds in one.lags()]),
        messages=sum(len(one.sent) for one in letters),
        acts=dict(sorted(acts.items())),
        streams=[_stream(reader) for reader in readers],
    )


def _stream(reader: Reader) -> StreamSummary:
    screen = reader.screen
    return StreamSummary(
        of=screen.name,
        reader=reader.name,
        server=reader.server,
        snapshots=screen.snapshots,
        changes=screen.changes,
        rows=screen.rows,
        resumed=reader.resumed,
        renewed=reader.renewed,
        logins=reader.logins,
        saves=_latency([lag for lag in screen.lags if lag.kind == SAVE]),
    )


def _latency(lags: Sequence[Lag]) -> Latency | None:
    return _of(_seconds(lags))


def _of(seconds: Sequence[float]) -> Latency | None:
    return latency(seconds) if seconds else None


def _seconds(lags: Sequence[Lag]) -> list[float]:
    return [lag.seconds for lag in lags]
