"""What the suite is compared with: FastAPI."""

import pathlib
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent


class FastAPI:
    """An endpoint that answers every prediction with the same bytes; `with` starts and ends it."""

    name = "fastapi"
    label = "FastAPI, canned answer"
    profile = "hourly_orders"
    # It asks for none.
    token = "none"

    def __init__(self, answer):
        self.answer = answer

    def __enter__(self):
        self.process = subprocess.Popen(
            [FOLDER / ".build" / "python" / "bin" / "python", FOLDER / "Python" / "server.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(self.answer)
        self.process.stdin.close()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("FastAPI doesn't start")
        self.url = f"http://127.0.0.1:{int(line)}/v1/predict"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def groups(self):
        """The pid of its only process, by name."""
        return {"FastAPI": [self.process.pid]}
