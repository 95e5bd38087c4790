"""The floor of a sign-in: a bare uvicorn and Starlette that read a JSON body and answer with JSON and a cookie.

    python -m leitai_loadtest.bench.floor_door

Tells `{"port": …}` and serves until standard input ends.
"""

import asyncio
import json
import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from leitai_loadtest.files import allow_many_files

try:
    from uvloop import run
except ImportError:  # no wheels for this platform
    run = asyncio.run

_WHO = {"session": 1, "sitting": 1, "name": "选手", "delegation": "110000", "delegation_name": "北京市代表队"}


async def _sign_in(request: Request) -> JSONResponse:
    body = await request.json()
    response = JSONResponse(_WHO | {"admission_no": body["admission_no"]})
    response.set_cookie("leitai", "x" * 43, httponly=True, samesite="strict")
    return response


async def _serve() -> None:
    allow_many_files()
    app = Starlette(routes=[Route("/api/sign-in", _sign_in, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, http="httptools", loop="none", lifespan="off", access_log=False, log_level="warning")
    )
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
        sys.stdout.flush()
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    run(_serve())
