"""The FastAPI application of this service: described wholly, and with the hot routes before everything else."""

from starlette.types import ASGIApp

from app.routers import HOT_ROUTES
from app.routers.description import DescribedAPI
from app.routers.hot_routes import HotRoutes


class Service(DescribedAPI):
    def build_middleware_stack(self) -> ASGIApp:
        return HotRoutes(super().build_middleware_stack(), HOT_ROUTES)
