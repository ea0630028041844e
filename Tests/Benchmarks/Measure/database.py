"""PostgreSQL of a running stack as its owner meets it: psql, and pgbench with the token-service's own statement."""

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

THREADS = 2


@dataclass
class Sample:
    """One run of pgbench."""

    calls: int
    calls_per_second: float


class Database:
    """The database of a stack. The password travels in the environment, as anybody may read a command line."""

    def __init__(self, stack):
        url = urlsplit(stack.ready["database_url"])
        place = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.environment = os.environ | {
            "PGUSER": unquote(url.username), "PGPASSWORD": unquote(url.password),
            "PGDATABASE": unquote(url.path.lstrip("/")), "PGHOST": place["host"], "PGPORT": place["port"],
            "PGAPPNAME": "benchmark",
        }

    def ask(self, statement):
        """Runs a statement; returns what psql prints, a row a line and its columns with bars between."""
        command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"PostgreSQL refuses a statement: {done.stderr.strip()}")
        return done.stdout.strip()

    def copy(self, table, rows):
        """Adds rows, each a line in COPY's text format."""
        command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", f"COPY {table} FROM STDIN"]
        with subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, text=True) as process:
            process.stdin.writelines(rows)
        if process.returncode:
            raise SystemExit(f"PostgreSQL doesn't take rows of {table}")

    def statement(self, begin, use):
        """The text of a statement that the services prepare, by how it begins, while `use` makes them use it."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            use()
            text = self.ask(
                "SELECT query FROM pg_stat_activity WHERE application_name <> 'benchmark'"
                f" AND query LIKE '{begin}%' LIMIT 1")
            if text:
                limit = self.ask("SELECT setting FROM pg_settings WHERE name = 'track_activity_query_size'")
                if len(text) >= int(limit) - 1:
                    raise SystemExit("PostgreSQL keeps too little of a statement for it to be measured")
                return text.rstrip(";")
        raise SystemExit(f"No service uses a statement that begins with {begin}")

    def bench(self, script, clients, seconds):
        """Runs a script over and over as a prepared statement of each client."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            done = subprocess.run(
                ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(THREADS), "-T", str(seconds),
                 "-f", file.name],
                env=self.environment, capture_output=True, text=True)
        calls = re.search(r"^number of transactions actually processed: (\d+)", done.stdout, re.MULTILINE)
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        failed = re.search(r"^number of failed transactions: (\d+)", done.stdout, re.MULTILINE)
        if done.returncode or not calls or not rate or not failed or int(failed[1]):
            raise SystemExit(f"pgbench fails: {done.stderr.strip()}")
        return Sample(int(calls[1]), float(rate[1]))
