"""Real servers, started by the tests on 127.0.0.1 and stopped by them."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import free_port
from support import KIT

sys.path.insert(0, str(KIT.parent))

POSTGRES = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty database, with a user whose password is `tops3cret`."""
    found = sorted(POSTGRES.glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL in /usr/lib/postgresql: install Debian's `postgresql`")
    # It refuses to run as root: then it runs as the user that its package made.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    port, data = free_port(), folder / "data"
    (folder / "password").write_text("tops3cret\n")
    (folder / "password").chmod(0o644)

    def run(program: str, *options: object) -> None:
        command = [found[-1].with_name(program), *map(str, options)]
        done = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    try:
        access = ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--username=learner"]
        run("initdb", "--pgdata", data, "--encoding=UTF8", "--no-sync", *access)
        server = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        run("pg_ctl", "start", "--wait", "-D", data, "-o", server, "-l", folder / "server.log")
        try:
            yield f"postgresql+psycopg://learner:tops3cret@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--wait", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
