"""Limit 1: a bare route of the same framework and server, which parses the same body and does nothing."""

from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI, Response

from app.schemas.exam import ResponsesUpdate

REPLY = (
    b'{"messages":[],"server_time":"2027-03-06T01:00:00.000000Z","deadline_at":"2027-03-06T02:30:00.000000Z",'
    b'"deadline_version":1,"seconds_left":5400,"responses":[{"number":%d,"outcome":"saved","reason":null}]}'
)
"""As long as the answer to one saved answer, so that the generator has the same work with it."""

app = FastAPI(openapi_url=None)


@app.put("/api/v1/exam/responses")
async def put_responses(body: ResponsesUpdate) -> Response:
    return Response(REPLY % body.responses[0].number, media_type="application/json")


@app.get("/api/v1/readyz")
async def get_readiness() -> Response:
    return Response()


def main(port: Annotated[int, typer.Option()]) -> None:
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    typer.run(main)
