"""Is anything lost when the workers of a population are killed?

Eight worker processes train short segments on one storage. At random moments one of them is
killed (SIGKILL) and another is started in its place; some are stopped (SIGSTOP) for longer than
their lease instead, and wake up as another has taken their segment. Printed at the end: whether
every slot is published once, no trial is left running, every child starts from what its parent
left, and every worker that was not killed ended with exit status 0.

Storages: SQLite, a journal file, PostgreSQL (a server is started, from Debian's package), and the
gRPC proxy before PostgreSQL.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import optuna
from optuna.artifacts import FileSystemArtifactStore
from optuna.storages import BaseStorage, GrpcStorageProxy, JournalStorage, get_storage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from optuna_hpx.population import Checkpoint, GPBTScheduler
from optuna_hpx.population._ledger import Ledger
from optuna_hpx.population.maths.plan import annealed
from optuna_hpx.trials import storage as _storage

SPAWN = multiprocessing.get_context("spawn")
LEASE = 3.0
SEGMENT = 0.2  # seconds, at most


@dataclass(frozen=True)
class Place:
    """Where the run is, for every process alike."""

    address: str
    checkpoints: str
    population_size: int
    n_generations: int
    lease_seconds: float = LEASE

    def study(self) -> optuna.Study:
        storage = open_storage(self.address)
        return optuna.create_study(study_name="soak", storage=storage, load_if_exists=True)

    def scheduler(self, study: optuna.Study) -> GPBTScheduler:
        return GPBTScheduler(
            study,
            population_size=self.population_size,
            n_generations=self.n_generations,
            artifact_store=FileSystemArtifactStore(self.checkpoints),
            lease_seconds=self.lease_seconds,
            seed=0,
        )


def open_storage(address: str) -> BaseStorage:
    kind, _, rest = address.partition(":")
    if kind == "journal":
        return JournalStorage(JournalFileBackend(rest))
    if kind == "grpc":
        return GrpcStorageProxy(host="localhost", port=int(rest))
    return get_storage(address)


def segment(trial: optuna.Trial, checkpoint: Checkpoint) -> float:
    """Some steps down a noisy bowl, then idle for a random while."""
    rate = trial.suggest_float("rate", 1e-3, 1.0, log=True)
    rng = np.random.default_rng(checkpoint.seed)
    x = np.full(20, 2.0)
    checkpoint.load(x=x)
    for _ in range(10):
        x -= rate * (x + 0.3 * rng.normal(size=20))
    time.sleep(random.random() * SEGMENT)
    checkpoint.save(x=x)
    return float(x @ x)


def work(place: Place) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    place.scheduler(place.study()).optimize(segment)


@dataclass
class Figures:
    """What a soak came to."""

    seconds: float
    states: Counter[str]
    why: Counter[str]
    n_published: int
    n_twice: int
    n_bad_parents: int
    n_bad_checkpoints: int
    exits: Counter[int]
    n_files: int
    n_kills: int
    n_slots: int

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {self.n_published} slots published, {self.n_twice} twice, "
            f"{self.states.get('RUNNING', 0)} left running; parents wrong {self.n_bad_parents}, "
            f"checkpoints wrong {self.n_bad_checkpoints}; failed trials {dict(self.why)}; exit "
            f"statuses {dict(self.exits)}; {self.n_files} checkpoints left"
        )

    @property
    def is_clean(self) -> bool:
        bad = self.n_twice + self.n_bad_parents + self.n_bad_checkpoints
        alive = self.states.get("RUNNING", 0)
        ended = self.exits[-9] == self.n_kills and set(self.exits) <= {0, -9}
        return bad == alive == 0 and ended and self.n_published == self.n_slots


def soak(
    place: Place, *, n_workers: int, n_kills: int, n_stops: int = 0, seed: int = 0
) -> Figures:
    """Run, kill, restart; every process that is started here is ended here."""
    rng, begin = random.Random(seed), time.monotonic()
    Path(place.checkpoints).mkdir(parents=True, exist_ok=True)
    study = place.study()
    workers = [_start(place) for _ in range(n_workers)]
    ended: list[BaseProcess] = []
    n_slots = place.population_size * place.n_generations
    harm = ["kill"] * n_kills + ["stop"] * n_stops
    rng.shuffle(harm)
    try:
        for k, how in enumerate(harm):
            _wait_for(study, (k + 1) * 0.9 * n_slots / (len(harm) + 1), workers)
            time.sleep(rng.random() * 0.1)
            victim = rng.choice(workers)
            if how == "stop":
                _stop_for(victim, 1.5 * place.lease_seconds)
                continue
            os.kill(victim.pid or 0, signal.SIGKILL)
            workers.remove(victim)
            ended.append(victim)
            workers.append(_start(place))
        for worker in workers:
            worker.join(600)
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.kill()
            worker.join()
    return _figures(place, ended, workers, time.monotonic() - begin)


def _start(place: Place) -> BaseProcess:
    worker = SPAWN.Process(target=work, args=(place,))
    worker.start()
    return worker


def _stop_for(worker: BaseProcess, seconds: float) -> None:
    """The others go on, and take over what it was training."""
    pid = worker.pid or 0
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def _wait_for(study: optuna.Study, n_complete: float, workers: list[BaseProcess]) -> None:
    states = (TrialState.COMPLETE,)
    while len(study.get_trials(deepcopy=False, states=states)) < n_complete:
        if not any(worker.is_alive() for worker in workers):
            raise RuntimeError("all workers ended early")
        time.sleep(0.05)


def _figures(
    place: Place, killed: list[BaseProcess], ended: list[BaseProcess], seconds: float
) -> Figures:
    study = place.study()
    ledger = Ledger(study)
    ledger.update()
    plan = annealed(place.population_size, place.n_generations)
    trials = study.get_trials(deepcopy=False)
    told = [_storage.read(t.system_attrs, _storage.SEGMENT) for t in trials]
    published = Counter(
        (t["generation"], t["slot"])
        for t, trial in zip(told, trials, strict=True)
        if trial.state == TrialState.COMPLETE
    )
    bad_parents = bad_checkpoints = 0
    for segment_ in ledger.published.values():
        if segment_.parent is None:
            continue
        generation = segment_.generation - 1
        able = ledger.ranked(generation)[: plan.parents[generation]]
        bad_parents += segment_.parent not in [parent.number for parent in able]
        saved = _storage.read(segment_.trial.system_attrs, _storage.CHECKPOINT)
        bad_checkpoints += saved["parent"] != ledger.by_number[segment_.parent].sha256
    why = [
        (_storage.read(t.system_attrs, _storage.FAILURE) or {"why": "?"})["why"]
        for t in trials
        if t.state == TrialState.FAIL
    ]
    return Figures(
        seconds=seconds,
        states=Counter(t.state.name for t in trials),
        why=Counter(why),
        n_published=len(published),
        n_twice=sum(count > 1 for count in published.values()),
        n_bad_parents=bad_parents,
        n_bad_checkpoints=bad_checkpoints,
        exits=Counter(int(worker.exitcode or 0) for worker in [*killed, *ended]),
        n_files=len(list(Path(place.checkpoints).iterdir())),
        n_kills=len(killed),
        n_slots=place.population_size * place.n_generations,
    )


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """An empty database on a server of its own; yields its address."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    home = folder / "postgres"
    home.mkdir()
    folder.chmod(0o755)
    if user is not None:
        shutil.chown(home, user)
    port = free_port()
    command: list[str | Path] = [programs / "initdb", "-D", home / "data", "-U", "hpx"]
    command += ["-A", "trust"]
    subprocess.run(command, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [
            *(programs / "postgres", "-D", home / "data", "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}"),
        ],
        user=user,
        cwd=home,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", "127.0.0.1"]
        ready += ["-p", str(port)]
        while subprocess.run(ready, check=False).returncode != 0:
            if server.poll() is not None:
                raise RuntimeError("the PostgreSQL server ended early")
            time.sleep(0.1)
        yield f"postgresql+psycopg://hpx@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # does not wait for connections to end
        server.wait(30)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _serve(address: str, port: int) -> None:
    storage = get_storage(address)
    optuna.storages.run_grpc_proxy_server(storage, host="127.0.0.1", port=port)


@contextlib.contextmanager
def grpc_proxy(address: str) -> Iterator[str]:
    """Before the storage at ``address``; in a process of its own."""
    port = free_port()
    server = SPAWN.Process(target=_serve, args=(address, port))
    server.start()
    try:
        GrpcStorageProxy(host="localhost", port=port).wait_server_ready(timeout=60)
        yield f"grpc:{port}"
    finally:
        server.kill()
        server.join()


@contextlib.contextmanager
def storage_of(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty storage."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/study.db"
    elif kind == "journal":
        yield f"journal:{folder}/study.log"
    elif kind == "postgres":
        with postgres(folder) as address:
            yield address
    else:
        with postgres(folder) as address, grpc_proxy(address) as proxied:
            yield proxied


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storages", nargs="+", default=["journal", "sqlite", "postgres", "grpc"])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--population", type=int, default=50)
    parser.add_argument("--generations", type=int, default=20)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--stops", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(
        f"{args.workers} workers, {args.population} x {args.generations} segments, {args.kills} "
        f"kills, {args.stops} stops, seed {args.seed}, lease {LEASE} s"
    )
    for kind in args.storages:
        with tempfile.TemporaryDirectory() as folder:
            with storage_of(kind, Path(folder)) as address:
                place = Place(address, f"{folder}/checkpoints", args.population, args.generations)
                found = soak(
                    place,
                    n_workers=args.workers,
                    n_kills=args.kills,
                    n_stops=args.stops,
                    seed=args.seed,
                )
            print(f"{kind:9s} {'clean' if found.is_clean else 'NOT CLEAN'}: {found}", flush=True)


if __name__ == "__main__":
    main()
