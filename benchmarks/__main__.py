"""`make bench`: run every benchmark in turn, each in a process and a state of its own."""

import os
import pkgutil
import subprocess
import sys
import tempfile

import benchmarks

ARGUMENTS = {"crash": ["--migrate"], "dropped": ["--migrate"]}


def main() -> int:
    """Run each module, naming the load before it; return how many failed."""
    failed = 0
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module.startswith("_"):
            continue
        print(f"\n== {module} (load {os.getloadavg()[0]:.2f})", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{module}", *ARGUMENTS.get(module, [])]
        with tempfile.TemporaryDirectory() as state:
            done = subprocess.run(command, env={**os.environ, "VAR_DIR": state}, check=False)  # noqa: S603  # our own modules
        failed += bool(done.returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main())
