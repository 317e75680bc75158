"""The pages for people: candidates at `/`, staff at `/staff`; built from web/ into app/pages by `make pages`."""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from servestatic import ServeStaticASGI

from app.core.problems import Problem
from app.routers.dependencies import PUBLIC

PAGES = Path(str(files("app"))) / "pages"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy (level 3): nothing from elsewhere, no script within a page."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

FOREVER = 365 * 24 * 60 * 60
"""Seconds; names of assets change with their content."""


def install_pages(app: FastAPI) -> None:
    """Raises Problem `pages_missing` (503) at each address while the pages are not built."""
    if (PAGES / "assets").is_dir():
        assets = ServeStaticASGI(None, root=PAGES / "assets", prefix="assets", max_age=FOREVER, allow_all_origins=False)
        app.mount("/assets", assets, name="assets")

    @app.get("/", include_in_schema=False, dependencies=[PUBLIC])
    def show_candidate_page() -> HTMLResponse:
        return _page("index.html")

    @app.get("/sw.js", include_in_schema=False, dependencies=[PUBLIC])
    def show_worker() -> Response:
        """The candidate's page without a network; at the root, because a worker serves only what is below it."""
        return Response(_built("sw.js"), headers=HEADERS, media_type="text/javascript")

    @app.get("/staff", include_in_schema=False, dependencies=[PUBLIC])
    @app.get("/staff/{view:path}", include_in_schema=False, dependencies=[PUBLIC])
    def show_staff_page() -> HTMLResponse:
        """One document for all addresses below; which view it shows is the page's own affair."""
        return _page("staff/index.html")


def _page(name: str) -> HTMLResponse:
    return HTMLResponse(_built(name), headers=HEADERS)


def _built(name: str) -> bytes:
    built = PAGES / name
    if not built.is_file():
        raise Problem("pages_missing")
    return built.read_bytes()
