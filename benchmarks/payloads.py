"""Payloads of a folder against the product: scripts, redirects, formulas, private addresses.

`python -m benchmarks.payloads --folder PATH`, which holds xss, csv_injection, open_redirect and
ssrf_urls `.lines.txt`, one payload a line; without it the project's own lists. Scripts are put
into every free text and every page is opened in chromium. The bar: 0 run, 0 off-target,
0 formula cells, 0 let through.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = {
    "all": ["tests/accounts/test_payloads.py", "tests/browser/test_payloads.py"],
    "quick": ["tests/accounts/test_payloads.py"],
}


def main() -> int:
    """Print the figures; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", help="a folder of payload lists")
    parser.add_argument("--no-browser", action="store_true", help="leave the browser's part out")
    options = parser.parse_args()
    print(f"payloads, load {os.getloadavg()[0]:.2f}", flush=True)
    tests = TESTS["quick" if options.no_browser else "all"]
    with tempfile.TemporaryDirectory() as state:
        report = Path(state) / "figures"
        extra = {"VAR_DIR": state, "PAYLOADS_REPORT": str(report)}
        if options.folder:
            extra["PAYLOADS_FOLDER"] = str(Path(options.folder).resolve())
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:randomly", *tests]
        done = subprocess.run(  # noqa: S603  # our own tests
            command, env={**os.environ, **extra}, check=False, capture_output=True, text=True
        )
        figures = report.read_text() if report.exists() else ""
    print(figures, end="")
    if done.returncode:
        print(done.stdout[-3000:])
    return int(bool(done.returncode))


if __name__ == "__main__":
    sys.exit(main())
