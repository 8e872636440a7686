"""Run the tests of each domain's project: two domains at a time, each in a process of its own.

    python tests/projects/run.py [DOMAIN …] [-- PYTEST-OPTION …]

A project is installed once and all its tests run in one process, whatever pytest or its plug-ins
think of groups. The longest start first.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("cv", "timeseries", "nlp", "tabular", "recsys", "foundations")
AT_ONCE = 2


def run(domain: str, options: list[str]) -> int:
    """Run a domain's tests and print what they said when they have ended."""
    command = [sys.executable, "-m", "pytest", "tests/projects", f"--domain={domain}", *options]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTEST_DOMAIN": domain},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    print(f"\n{domain}: exit code {done.returncode}\n{done.stdout}", flush=True)
    return 0 if done.returncode == 5 else done.returncode  # 5: no test of that kind in this domain


def main(words: list[str]) -> int:
    """Run the domains that were named, or all; return 1 where one has failed."""
    split = words.index("--") if "--" in words else len(words)
    domains, options = words[:split] or list(DOMAINS), words[split + 1 :]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(lambda domain: run(domain, options), domains))
    return int(any(codes))  # a process that a signal ended has a negative code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
