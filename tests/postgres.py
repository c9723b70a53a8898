"""A PostgreSQL cluster for one run: made from the machine's own programs, on a Unix socket, removed afterwards.

`python -m tests.postgres --check` tells by its exit code whether the programs are there;
`python -m tests.postgres -- COMMAND` runs a command with DATABASE_URL set.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

USER = "tabdil"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, the newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    if found:
        return found[0].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def unprivileged() -> list[str]:
    """How to run a program as somebody else where we are root, which PostgreSQL refuses to serve."""
    if os.geteuid() != 0:
        return []
    name = "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start a cluster and give its DATABASE_URL. `durable` keeps fsync on, for tests that kill things."""
    found = programs()
    if found is None:
        raise RuntimeError("PostgreSQL's server programs are not installed.")
    home = Path(tempfile.mkdtemp(prefix="tabdil-pg-"))
    home.chmod(0o755)
    data = home / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = unprivileged()[1].partition("=")[2]
        shutil.chown(home, owner)
        shutil.chown(data, owner)
    run = [*unprivileged()]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    quiet = {"stdout": subprocess.DEVNULL, "env": environment, "cwd": home}
    subprocess.run(
        [*run, found / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True,
        **quiet,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c max_connections=60"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    control = [*run, found / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options]
    subprocess.run([*control, "start"], check=True, **quiet)
    try:
        subprocess.run([found / "createdb", "-h", home, "-U", USER, USER], check=True, **quiet)
        yield f"postgres://{USER}@{quote(str(home), safe='')}/{USER}"
    finally:
        subprocess.run([*run, found / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False, **quiet)
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        return 0 if programs() else 1
    with cluster() as url:
        return subprocess.run(
            sys.argv[sys.argv.index("--") + 1 :], check=False, env={**os.environ, "DATABASE_URL": url}
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
