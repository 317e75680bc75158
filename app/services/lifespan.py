"""What runs beside the requests of one process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app.core.context import Context
from app.domain.request_rate import RequestRate
from app.services.exam_login import Logins
from app.services.exam_papers import Papers
from app.services.handing_in import Submissions
from app.services.heartbeats import Heartbeats
from app.services.live.announcements import Announcements
from app.services.live.boards import Boards
from app.services.live.mailbox import Mailbox
from app.services.live.presence import Presence
from app.services.measuring import Figures, counting_connections
from app.services.request_rates import RequestRates
from app.services.saving import SaveQueue
from app.services.starting import Starts
from app.services.sweeper import sweeping
from app.services.watch import watching


@dataclass(frozen=True)
class Running:
    saves: SaveQueue
    logins: Logins
    papers: Papers
    starts: Starts
    submissions: Submissions
    heartbeats: Heartbeats
    rates: RequestRates
    announcements: Announcements
    presence: Presence
    boards: Boards
    mailbox: Mailbox
    figures: Figures

    @property
    def stopping(self) -> bool:
        return self.boards.closed

    def stop(self) -> None:
        """Ends every stream, so that the process can stop; it is not ready any more."""
        self.boards.close()
        self.mailbox.close()


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[Running]:
    """The save queue, the live view and, unless a fixed clock leaves them to the caller, the sweeper and the watch."""
    metrics = context.metrics
    saves = SaveQueue(context.database, context.clock, metrics, context.settings.save_queue_limit)
    logins = Logins(context)
    papers = Papers(context)
    starts = Starts(context)
    submissions = Submissions(context)
    heartbeats = Heartbeats(context)
    rate = RequestRate(context.settings.candidate_request_burst, context.settings.candidate_request_interval)
    rates = RequestRates(rate, context.clock)
    announcements = Announcements(context.database, metrics)
    presence = Presence(context.database, announcements, metrics, context.settings.presence_interval)
    boards = Boards(context, announcements)
    mailbox = Mailbox(context.database, context.clock, announcements, metrics, context.settings.live_fallback)
    async with AsyncExitStack() as stack:
        stack.enter_context(counting_connections(context.database, metrics))
        await stack.enter_async_context(announcements.running())
        await stack.enter_async_context(presence.running())
        await stack.enter_async_context(boards.running())
        await stack.enter_async_context(mailbox.running())
        await stack.enter_async_context(saves.running())
        await stack.enter_async_context(logins.running())
        await stack.enter_async_context(papers.running())
        await stack.enter_async_context(starts.running())
        await stack.enter_async_context(submissions.running())
        await stack.enter_async_context(heartbeats.running())
        if context.clock.fixed is None:
            await stack.enter_async_context(sweeping(context))
            await stack.enter_async_context(watching(context, saves))
        yield Running(
            saves,
            logins,
            papers,
            starts,
            submissions,
            heartbeats,
            rates,
            announcements,
            presence,
            boards,
            mailbox,
            Figures(context),
        )
