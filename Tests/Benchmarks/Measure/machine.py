"""The machine and the tools of a run."""

import pathlib
import platform
import subprocess


def description():
    """The processor and the compiler, for the line above a table."""
    model = next(
        (line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.split("(")[0].strip()
    return f"{model}; {swift}"
