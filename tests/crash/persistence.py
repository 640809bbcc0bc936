#!/usr/bin/env python3
"""Breaks a whole run, from data to production, at its system calls; then lets it go on.

    python3 tests/crash/persistence.py kill  [--suho PATH] [--from N] [--to N] [--every N] [--jobs N]
    python3 tests/crash/persistence.py fail  [--suho PATH] [--from N] [--to N] [--every N] [--jobs N]
    python3 tests/crash/persistence.py slow  [--suho PATH]

`kill` ends the process at the N-th call that makes something durable, whichever thread makes it, for
each N; the same command again has to end in the very state of a run that was left alone.
`fail` lets such a call fail instead, once and for ever, with EIO and with ENOSPC: the command ends
with 3 and a sentence, or goes on; what it says has succeeded has, the database is whole, and without
the fault the next one succeeds. `slow` lets every fourth wait for the disk take 300 ms.

Needs strace and the right to trace. Says on standard error how far it is, prints a line a case that
went wrong as soon as it did, then the count; exit 1 when there is one, 77 when strace is not there.
Cases are played in memory (`/dev/shm`) where there is some: what a killed process has written is not
lost with it, so that a disk would only be slower. `--dir` takes another place.
"""

import argparse
import collections
import concurrent.futures
import datetime
import itertools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WAITS = "fsync,fdatasync"
PERSISTENCE = WAITS + ",pwrite64,ftruncate,rename,renameat,renameat2,link,linkat,unlink"
# Longer than any run takes; one that hangs is a finding.
SECONDS_MAX = 300
# How often it is said how far everything is.
SECONDS_BETWEEN_WORDS = 5
# What only a death leaves in a log.
OF_DEATHS = ("attempt_started", "attempt_lost")


def project(folder):
    """The whole pipeline in a folder of its own, with bars for it."""
    shutil.copytree(os.path.join(HERE, "whole"), folder, dirs_exist_ok=True)
    begin = datetime.datetime(2026, 1, 1)
    with open(os.path.join(folder, "bars.csv"), "w") as bars:
        bars.write("time,open,high,low,close,volume\n")
        for hour in range(1500):
            at = (begin + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
            close = 1.1 + 0.01 * (hour * 37 % 101) / 101
            bars.write(f"{at},{close:.5f},{close + .001:.5f},{close - .001:.5f},{close:.5f},100\n")


def run(suho, folder, fault=None, calls=PERSISTENCE):
    """Rehearses once; answers the exit code and what was said on standard error."""
    command = [suho, "--quiet", "rehearse", "."]
    if fault:
        trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
        command = trace + ["-e", f"inject={calls}:{fault}"] + command
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX)
    return ended.returncode, ended.stderr


def database(folder):
    path = os.path.join(folder, ".suho", "rehearsal", "suho.db")
    # Not read-only: what the dead have left in the log beside the file is to be seen.
    return sqlite3.connect(path)


def state(folder):
    """All that is durable and not of the wall's clock or of how often an engine died."""
    db = database(folder)

    def rows(sql):
        return db.execute(sql).fetchall()

    log = []
    for kind, payload in rows("SELECT kind, payload FROM events ORDER BY run_id, seq"):
        if kind not in OF_DEATHS:
            body = next(iter(json.loads(payload).values()), None)
            log.append((kind, body.get("step") if isinstance(body, dict) else None))
    found = {
        "health": rows("PRAGMA integrity_check") + rows("PRAGMA foreign_key_check"),
        "log": log,
        "runs": rows("SELECT run_id, status, plan_digest FROM runs ORDER BY 1"),
        "models": rows(
            # Its digest covers the minute that its run is as of.
            "SELECT model_id, status, v_major, v_minor, v_patch, artifact_digest IS NOT NULL, "
            "quarantined FROM models ORDER BY 1"
        ),
        "moves": rows(
            "SELECT model_id, from_status, to_status, from_row_version, reason "
            "FROM model_transitions ORDER BY 1, 4"
        ),
        "rollouts": rows(
            "SELECT deployment_id, deployment_type, status, traffic_bp, accrued_us, decision "
            "FROM model_deployments ORDER BY 1"
        ),
        "predictions": rows(
            "SELECT deployment_id, count(*), sum(bucket), sum(predicted_class), sum(actual_class), "
            "min(time), max(time) FROM predictions GROUP BY 1 ORDER BY 1"
        ),
        "cache": rows("SELECT step, count(*) FROM step_cache GROUP BY 1 ORDER BY 1"),
    }
    db.close()
    return found


def differences(found, expected):
    """Each part that is not as it should be, with the first row in which it is not."""
    said = []
    for part, rows in expected.items():
        pairs = itertools.zip_longest(found[part], rows)
        first = next((pair for pair in pairs if pair[0] != pair[1]), None)
        if first:
            said.append(f"{part}: {first[0]} and not {first[1]}")
    return said


def repeated(folder):
    """Steps with more than one recorded result in one run."""
    ends = collections.Counter()
    db = database(folder)
    for run_id, kind, payload in db.execute("SELECT run_id, kind, payload FROM events"):
        if kind in ("attempt_succeeded", "step_cached", "step_decided"):
            ends[run_id, next(iter(json.loads(payload).values()))["step"]] += 1
    db.close()
    return [step for step, count in ends.items() if count > 1]


def kill(suho, n, expected):
    """Dies at the n-th call. Whether it did, and what is wrong, if anything is."""
    with tempfile.TemporaryDirectory(prefix="suho-kill-") as folder:
        project(folder)
        code, _ = run(suho, folder, f"signal=KILL:when={n}")
        died = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        code, said = run(suho, folder)
        if code != 0:
            return died, f"the next run ended with {code}: {said.strip()[:300]}"
        wrong = differences(state(folder), expected) + repeated(folder)
        return died, f"other: {wrong}" if wrong else None


def fail(suho, n, _expected):
    """The n-th call, or all from there, is refused. What is wrong, if anything."""
    wrong = []
    for error in ("EIO", "ENOSPC"):
        for calls, since in ((WAITS, ""), (WAITS, "+"), ("pwrite64", ""), ("pwrite64", "+")):
            with tempfile.TemporaryDirectory(prefix="suho-fail-") as folder:
                project(folder)
                case = f"{calls} {error} from {n}{since}"
                code, said = run(suho, folder, f"error={error}:when={n}{since}", calls)
                if code not in (0, 3) or (code == 3 and not said.strip()):
                    wrong.append(f"{case}: ended with {code}: {said.strip()[:300]}")
                if code == 0 and [row[1] for row in state(folder)["runs"]] != ["succeeded"]:
                    wrong.append(f"{case}: says that it succeeded, and its run has not")
                code, said = run(suho, folder)
                if code != 0:
                    wrong.append(f"{case}: the next run ended with {code}: {said.strip()[:300]}")
                elif state(folder)["health"] != [("ok",)]:
                    wrong.append(f"{case}: the database is damaged")
    return True, "; ".join(wrong) or None


def slow(suho, expected):
    with tempfile.TemporaryDirectory(prefix="suho-slow-") as folder:
        project(folder)
        code, said = run(suho, folder, "delay_enter=300000:when=1+4", WAITS)
        wrong = [said.strip()] if code else differences(state(folder), expected)
        return f"ended with {code}: {wrong}" if wrong else None


def place(wanted):
    """Where the cases are played."""
    if wanted:
        return wanted
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def play(what, suho, points, expected, jobs):
    """Plays every point; answers how many of them were fatal, and how many went wrong."""
    case = kill if what == "kill" else fail
    died = bad = 0
    began = said = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        played = {pool.submit(case, suho, n, expected): n for n in points}
        for done, future in enumerate(concurrent.futures.as_completed(played), 1):
            did, wrong = future.result()
            died += did
            if wrong:
                bad += 1
                print(f"{what} at {played[future]}: {wrong}", flush=True)
            now = time.monotonic()
            if now - said >= SECONDS_BETWEEN_WORDS:
                said, rate = now, done / (now - began)
                left = (len(played) - done) / rate
                words = f"{what}: {done} of {len(played)}, {bad} wrong, {left:.0f} s to go"
                print(words, file=sys.stderr, flush=True)
    return died, bad


def main():
    wanted = argparse.ArgumentParser(usage=__doc__)
    wanted.add_argument("what", choices=("kill", "fail", "slow"))
    wanted.add_argument("--suho", default=os.path.join(ROOT, "target", "debug", "suho"))
    wanted.add_argument("--from", dest="first", type=int, default=1)
    wanted.add_argument("--to", type=int, default=300)
    wanted.add_argument("--every", type=int, default=1)
    wanted.add_argument("--jobs", type=int, default=os.cpu_count())
    wanted.add_argument("--dir")
    asked = wanted.parse_args()
    if not shutil.which("strace"):
        print("skipped: strace is not there (`apt-get install strace`)")
        return 77
    suho, tempfile.tempdir = os.path.abspath(asked.suho), place(asked.dir)
    with tempfile.TemporaryDirectory(prefix="suho-whole-") as folder:
        project(folder)
        code, said = run(suho, folder)
        if code != 0:
            print(f"the run that is left alone ended with {code}: {said}")
            return 1
        expected = state(folder)
    if asked.what == "slow":
        wrong = slow(suho, expected)
        print(wrong or "slow: every fourth wait for the disk took 300 ms, and nothing else changed")
        return 1 if wrong else 0
    points = range(asked.first, asked.to + 1, asked.every)
    began = time.monotonic()
    died, bad = play(asked.what, suho, points, expected, asked.jobs)
    met = f", {died} of them fatal" if asked.what == "kill" else ""
    seconds = time.monotonic() - began
    print(
        f"{asked.what}: {len(points)} points from {asked.first} to {asked.to}{met}, {bad} wrong, "
        f"in {seconds:.0f} s"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
