"""The least that a durable engine can take for a shape of steps: SQLite's log at synchronous=FULL, one
transaction a scheduling round (the end of what ran, the start of what follows), at most 64 steps at
once, steps that do nothing, or one `/bin/true` each. Prints the milliseconds of one go: of wall time,
and of processor time.

    python3 bound.py chain|grid|fan FOLDER [spawn]
"""

import os
import sqlite3
import sys
import time

AT_ONCE = 64


def needs(shape):
    """{step: [steps it waits for]}: a chain of 100, 50 layers of 20, one to a thousand to one."""
    if shape == "chain":
        return {f"s{i}": [f"s{i - 1}"] if i else [] for i in range(100)}
    if shape == "grid":
        return {
            f"s{layer}_{i}": [f"s{layer - 1}_{(i + k) % 20}" for k in range(3)] if layer else []
            for layer in range(50)
            for i in range(20)
        }
    middle = [f"s{i}" for i in range(1000)]
    return {"first": [], **{step: ["first"] for step in middle}, "last": middle}


def go(shape, folder, spawn):
    steps = needs(shape)
    path = os.path.join(folder, "bound.db")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.unlink(path + end)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=full")
    db.execute(
        "create table step(run integer, id text, state text, started real, ended real, out text, "
        "primary key(run, id)) without rowid"
    )
    began, cpu_began = time.perf_counter(), time.process_time()
    followers = {step: [] for step in steps}
    open_needs = {step: len(before) for step, before in steps.items()}
    for step, before in steps.items():
        for need in before:
            followers[need].append(step)
    db.execute("begin")
    db.executemany("insert into step values(1,?,'waiting',null,null,null)", ((s,) for s in steps))
    db.execute("commit")
    ready = [step for step in steps if not open_needs[step]]
    at_work = []
    while ready or at_work:
        start, ready = ready[:AT_ONCE], ready[AT_ONCE:]
        now = time.time()
        db.execute("begin")
        ended = "update step set state='done', ended=?, out='{}' where run=1 and id=?"
        db.executemany(ended, ((now, step) for step in at_work))
        started = "update step set state='running', started=? where run=1 and id=?"
        db.executemany(started, ((now, step) for step in start))
        db.execute("commit")
        at_work = start
        if spawn:
            for i in range(0, len(at_work), 4):
                for pid in [os.posix_spawn("/bin/true", ["true"], {}) for _ in at_work[i : i + 4]]:
                    os.waitpid(pid, 0)
        for step in at_work:
            for follower in followers[step]:
                open_needs[follower] -= 1
                if not open_needs[follower]:
                    ready.append(follower)
    return (time.perf_counter() - began) * 1e3, (time.process_time() - cpu_began) * 1e3


if __name__ == "__main__":
    print("{:.3f} {:.3f}".format(*go(sys.argv[1], sys.argv[2], "spawn" in sys.argv[3:])))
