"""The interactive page of the OpenAPI description, with its assets served from here."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from app.core.problem_catalog import CATALOG
from app.core.problems import Problem
from app.routers.dependencies import PUBLIC

ASSETS = Path(fastapi_offline.__file__).parent / "static"


def install_documentation(app: FastAPI) -> None:
    app.mount("/docs-assets", StaticFiles(directory=ASSETS), name="docs-assets")

    @app.get("/problems/{code}", include_in_schema=False, dependencies=[PUBLIC])
    async def show_problem_type(code: str) -> dict[str, Any]:
        """What the `type` of a problem leads to (RFC 9457, 3.1.1)."""
        if code not in CATALOG:
            raise Problem("not_found", what=code)
        return {"type": f"/problems/{code}"} | asdict(CATALOG[code])

    @app.get("/docs", include_in_schema=False, dependencies=[PUBLIC])
    async def show_documentation(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}/docs-assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs-assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/docs-assets/favicon.png",
        )
