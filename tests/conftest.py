"""Storages of every kind that Optuna has, each empty and gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.testing.storages import STORAGE_MODES, StorageSupplier


@pytest.fixture(autouse=True, scope="session")
def _quiet_optuna() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.fixture(params=[*STORAGE_MODES, pytest.param("postgres", marks=pytest.mark.postgres)])
def storage(request: pytest.FixtureRequest) -> Iterator[optuna.storages.BaseStorage]:
    """In memory, SQLite, journal file and Redis, through the gRPC proxy, PostgreSQL."""
    if request.param == "postgres":
        yield optuna.storages.get_storage(request.getfixturevalue("postgres_url"))
        return
    with StorageSupplier(request.param) as storage:
        yield storage


@pytest.fixture(
    params=["sqlite", "journal", "grpc", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where another process finds an empty storage, for ``gpbt_soak.open_storage``."""
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_url")
    elif request.param == "grpc":
        with StorageSupplier("grpc_journal_file") as storage:
            assert isinstance(storage, optuna.storages.GrpcStorageProxy)
            yield f"grpc:{storage._port}"
    else:
        yield {
            "sqlite": f"sqlite:///{tmp_path}/study.db",
            "journal": f"journal:{tmp_path}/study.log",
        }[request.param]


@pytest.fixture
def postgres_url(_postgres_server: str) -> Iterator[str]:
    """An empty database on the server of the session."""
    import psycopg

    with psycopg.connect(f"{_postgres_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE study")
        yield f"{_postgres_server.replace('postgresql', 'postgresql+psycopg')}/study"
        connection.execute("DROP DATABASE study WITH (FORCE)")


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed")
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="hpx-postgres-"))
    if user is not None:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [programs[-1] / "initdb", "-D", folder / "data", "-U", "hpx", "-A", "trust"]
    subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off"}
    server = subprocess.Popen(
        [programs[-1] / "postgres", "-D", folder / "data", "-p", str(port)]
        + [part for key, value in options.items() for part in ("-c", f"{key}={value}")],
        user=user,
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready = [programs[-1] / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        deadline = time.monotonic() + 30
        while subprocess.run(ready, check=False).returncode != 0:
            assert server.poll() is None, "the PostgreSQL server ended early"
            assert time.monotonic() < deadline, "the PostgreSQL server did not come up"
            time.sleep(0.1)
        yield f"postgresql://hpx@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
