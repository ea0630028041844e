"""FastAPI's endpoint of a prediction: it checks the request and answers with the bytes of its standard input.

As FastAPI is deployed: uvicorn with uvloop and httptools, one worker, no access log.
"""

import socket
import sys
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

ANSWER = sys.stdin.buffer.read()
app = FastAPI()


class Prediction(BaseModel):
    """The body of a request."""

    data_profile: str
    count: Annotated[int, Field(ge=1, le=1000)]
    temperature: Annotated[float, Field(gt=0)]
    top_p: Annotated[float, Field(ge=0, le=1)]


@app.post("/v1/predict")
async def predict(prediction: Prediction) -> Response:
    return Response(ANSWER, media_type="application/json")


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False)
uvicorn.Server(config).run(sockets=[listener])
