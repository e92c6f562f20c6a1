"""Who runs the embedded server when root starts it, and the paths that account must be able to walk.

PostgreSQL refuses to run as root (PostgreSQL manual, 19.1 The PostgreSQL User Account).
"""

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

_ACCOUNTS = ("postgres", "nobody")
"""`nobody` is everywhere, `postgres` is better where it exists. No account is ever made on somebody's machine."""

# unix(7): sun_path holds 108 bytes with its closing zero; macOS has 104.
_SOCKET_PATH_BYTES = 103 - len("/.s.PGSQL.5432")


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """None for the present user; as root, the owner of the data or the first account that may run a server.

    Raises `RuntimeError` when the data belongs to somebody else and we are not root.
    """
    owner = data.stat() if (data / "PG_VERSION").exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise RuntimeError(f"{data} belongs to another user: run as that user, or name another data folder")
        return None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise RuntimeError(f"root may not run PostgreSQL, and none of the accounts {', '.join(_ACCOUNTS)} exists")


def socket_folder(data: Path) -> Path:
    """The data folder, or where its path is too long for a socket, a folder of the same name for every process."""
    if len(os.fsencode(data)) <= _SOCKET_PATH_BYTES:
        return data
    return Path(tempfile.gettempdir()) / f"broker-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


def own_folder(account: Account | None, folder: Path) -> None:
    """Makes the folder, closed to others; a folder that somebody else made there is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat()
    wanted = os.geteuid() if account is None else account.uid
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid not in (wanted, os.geteuid()):
        raise RuntimeError(f"{folder} is somebody else's")
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def open_the_way(account: Account, folder: Path) -> None:
    """Lets the account pass through (not list) the folder and those above it, where it cannot yet."""
    for step in (folder, *folder.parents):
        mode = step.stat()
        if not mode.st_mode & _pass_bit(account, mode):
            step.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)


def open_tree(account: Account, tree: Path) -> None:
    """Lets the account read the programs and libraries of the tree, as an installation by root would have them."""
    open_the_way(account, tree)
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            mode = file.stat().st_mode
            file.chmod(stat.S_IMODE(mode) | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _pass_bit(account: Account, of: os.stat_result) -> int:
    if of.st_uid == account.uid:
        return stat.S_IXUSR
    return stat.S_IXGRP if of.st_gid == account.gid else stat.S_IXOTH
