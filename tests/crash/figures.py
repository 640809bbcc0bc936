#!/usr/bin/env python3
"""Times the daemon: from a submission to its first step, with a long past, and after kill -9.

    python3 tests/crash/figures.py [--suho PATH] [--runs 10000]

Prints a table. A time is not a test: exit 1 only when something is lost or done twice.
"""

import argparse
import collections
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Far longer than anything here takes.
SECONDS_MAX = 120
STEPS = 200

TEXT = """edition 2026

env bench { executor = local(slots: 4) }

pipeline one() {
  shell only {
    script = \"\"\"
    true
    \"\"\"
    cache = false
  }
}

pipeline fan() {
%s}
"""
STEP = """  shell s%d {
    script = \"\"\"
    true
    \"\"\"
    cache = false
  }
"""


def until(what, seconds=SECONDS_MAX):
    """Looks until there is an answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = what()
        if answer:
            return answer
        time.sleep(0.001)
    raise SystemExit("this takes too long")


class Daemon:
    """A daemon, and how long it took to be ready."""

    def __init__(self, suho, folder):
        ready = os.path.join(folder, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        command = [suho, "--quiet", "daemon", "--env", "bench", "--ready-file", ready]
        began = time.monotonic()
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
        until(lambda: os.path.exists(ready))
        self.ready_at, self.took = time.time(), time.monotonic() - began
        self.port = json.load(open(ready))["port"]

    def submit(self, pipeline):
        """The id of a new run."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/runs",
            json.dumps({"pipeline": pipeline, "params": {}}).encode(),
            {"Content-Type": "application/json"},
        )
        return json.load(urllib.request.urlopen(request))["run"]["id"]

    def memory_mib(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def ticks(self):
        """What its threads have used and how often they slept: user + system ticks, switches."""
        stat = open(f"/proc/{self.process.pid}/stat").read().rsplit(") ", 1)[1].split()
        switches = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            text = open(f"/proc/{self.process.pid}/task/{task}/status").read()
            switches += int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
        return int(stat[11]) + int(stat[12]), switches

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def database(folder):
    state = next(
        os.path.join(where, "suho.db")
        for where, _, files in os.walk(os.path.join(folder, ".suho"))
        if "suho.db" in files
    )
    return sqlite3.connect(state, timeout=30, isolation_level=None)


def status(db, run):
    return db.execute("SELECT status FROM runs WHERE run_id = ?", (run,)).fetchone()[0]


def events(db, run, kind):
    sql = "SELECT recorded_at, payload FROM events WHERE run_id = ? AND kind = ? ORDER BY seq"
    return [(at, next(iter(json.loads(text).values()))) for at, text in db.execute(sql, (run, kind))]


def quiet(suho, folder):
    """From a submission to its first step on a daemon with nothing else to do."""
    daemon, waits = Daemon(suho, folder), []
    db = database(folder)
    for _ in range(11):
        asked = time.time()
        run = daemon.submit("one")
        until(lambda: status(db, run) == "succeeded")
        started = events(db, run, "attempt_started")[0][0]
        waits.append(started / 1e3 - asked * 1e3)
    time.sleep(1)
    before = daemon.ticks()
    time.sleep(5)
    after = daemon.ticks()
    row("ready, nothing left", f"{daemon.took * 1e3:.0f} ms")
    row("submission to first step started (median, most of 11)",
        f"{statistics.median(waits):.1f} ms, {max(waits):.1f} ms")
    row("idle for 5 s: processor ticks of 10 ms, wakes",
        f"{after[0] - before[0]}, {after[1] - before[1]}")
    row("memory when idle", f"{daemon.memory_mib():.0f} MiB")
    daemon.kill()
    db.close()


def crowded(suho, folder, runs):
    """Ready, with so many unfinished runs."""
    db = database(folder)
    like = dict(zip(
        [column[1] for column in db.execute("PRAGMA table_info(runs)")],
        db.execute("SELECT * FROM runs ORDER BY number DESC LIMIT 1").fetchone(),
    ))
    first = db.execute("SELECT payload FROM events WHERE seq = 1 LIMIT 1").fetchone()[0]
    db.execute("BEGIN")
    for i in range(runs):
        # Half of them have begun.
        begun = i % 2 == 0
        row_ = dict(like, run_id=str(uuid.uuid4()), number=like["number"] + 1 + i, ended_at=None,
                    status="running" if begun else "queued")
        names = ", ".join(row_)
        db.execute(f"INSERT INTO runs ({names}) VALUES ({', '.join('?' * len(row_))})",
                   list(row_.values()))
        if begun:
            db.execute(
                "INSERT INTO events (run_id, seq, kind, payload, recorded_at, effective_at) "
                "VALUES (?, 1, 'run_started', ?, ?, ?)",
                (row_["run_id"], first, like["created_at"], like["created_at"]),
            )
    db.execute("COMMIT")
    daemon = Daemon(suho, folder)
    row(f"ready, {runs:,} unfinished runs", f"{daemon.took * 1e3:.0f} ms")
    open_runs = "SELECT count(*) FROM runs WHERE ended_at IS NULL"
    until(lambda: db.execute(open_runs).fetchone()[0] < runs)
    row("… until the first of them has ended", f"{(time.time() - daemon.ready_at) * 1e3:.0f} ms")
    daemon.kill()
    db.execute("UPDATE runs SET status = 'cancelled', ended_at = created_at WHERE ended_at IS NULL")
    db.close()


def begun(folder, run):
    """How often each step of `run` was begun by a process, as the attempts' own files tell."""
    times = collections.Counter()
    for where, _, files in os.walk(os.path.join(folder, ".suho")):
        parts = where.split(os.sep)
        if "alive" in files and run in parts and os.path.getsize(os.path.join(where, "alive")):
            times[parts[-2]] += 1
    return times


def killed(suho, folder):
    """kill -9 in the middle of a fan; what the attempts say beside what is recorded."""
    daemon = Daemon(suho, folder)
    db = database(folder)
    began = time.time()
    run = daemon.submit("fan")
    until(lambda: len(events(db, run, "attempt_succeeded")) >= STEPS // 3)
    daemon.kill()
    recorded = {event["step"] for _, event in events(db, run, "attempt_succeeded")}
    daemon = Daemon(suho, folder)
    since = daemon.ready_at * 1e6
    fresh = lambda: [at for at, _ in events(db, run, "attempt_started") if at > since]
    until(fresh)
    row(f"kill -9 after {len(recorded)} of {STEPS} steps: ready again", f"{daemon.took * 1e3:.0f} ms")
    row("… next step started after that", f"{(fresh()[0] - since) / 1e3:.0f} ms")
    until(lambda: status(db, run) == "succeeded")
    row("… and all done, the death included", f"{time.time() - began:.1f} s")
    done = collections.Counter(event["step"] for _, event in events(db, run, "attempt_succeeded"))
    seen = begun(folder, run)
    repeated = [step for step in recorded if seen[step] != 1]
    twice = [step for step, count in done.items() if count != 1]
    row("… recorded steps done again, steps with two results, steps begun twice",
        f"{len(repeated)}, {len(twice)}, {sum(count > 1 for count in seen.values())}")
    daemon.kill()
    db.close()
    return not repeated and not twice and len(done) == STEPS


def row(what, figure):
    print(f"| {what} | {figure} |", flush=True)


def main():
    wanted = argparse.ArgumentParser(usage=__doc__)
    wanted.add_argument("--suho", default=os.path.join(ROOT, "target", "debug", "suho"))
    wanted.add_argument("--runs", type=int, default=10_000)
    asked = wanted.parse_args()
    suho = os.path.abspath(asked.suho)
    with tempfile.TemporaryDirectory(prefix="suho-figures-") as folder:
        with open(os.path.join(folder, "project.suho"), "w") as file:
            file.write("edition 2026\n")
        with open(os.path.join(folder, "pipeline.suho"), "w") as file:
            file.write(TEXT % "".join(STEP % i for i in range(STEPS)))
        print("| what | figure |\n|---|---|")
        quiet(suho, folder)
        holds = killed(suho, folder)
        crowded(suho, folder, asked.runs)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
