"""Several daemons on one PostgreSQL, under load, with the server and the leader failing.

Called by postgres.sh, which starts the server:  engines.py SUHO URL RESTARTS CYCLES, with the command
that restarts the server in $RESTART. Prints what it measured; fails at the first thing that is not so.

Every attempt writes its key and epoch into `witness` in its folder when it begins. In the end each run that
was acknowledged is there once and succeeded, each step has one result, and no attempt began twice.
"""

import collections, json, os, pathlib, random, signal, subprocess, sys, tempfile, threading, time, urllib.error, urllib.request

suho, url, restarts, cycles = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
seed = int(os.environ.get("SUHO_SEED", "1"))
chance = random.Random(seed)
os.environ["SUHO_DATABASE_URL"] = url
root = pathlib.Path(tempfile.mkdtemp(prefix="suho-engines-"))

(root / "project.suho").write_text("edition 2026\n\nproject engines {}\n")
(root / "pipeline.suho").write_text('''edition 2026

secret database_url: Url = env("SUHO_DATABASE_URL")

env shared {
  registry = postgres(url: database_url)
}

step link {
  in ticket: Text
  in before: Int = 0
  out count: Int
  exec = shell(
    """
    echo "$SUHO_ATTEMPT_KEY $SUHO_EPOCH" >> witness
    sleep 0.05
    printf '{ "count": %d }' "$((BEFORE + 1))" > "$SUHO_OUT/outputs.json"
    """,
    env: { TICKET = ticket, BEFORE = before },
  )
}

pipeline chain(ticket: Text) {
  link a { ticket = ticket }

  link b {
    ticket = ticket
    before = a.count
  }

  link c {
    ticket = ticket
    before = b.count
  }
}
''')


def ask(sql):
    answer = subprocess.run(["psql", "-Atq", url, "-c", sql], capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def await_that(what, seconds, look):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    fail(f"{what} took more than {seconds} s")


def fail(why):
    sys.stdout.flush()
    print(f"seed {seed}: {why}; the project is in {root}", file=sys.stderr)
    for daemon in daemons.values():
        daemon.kill()
    for log in sorted(root.glob("daemon-*.log")):
        print(f"{log.name}: …{log.read_text()[-1500:]}", file=sys.stderr)
    os._exit(1)


class Load:
    """Submits runs to whoever leads, each until it is acknowledged."""

    def __init__(self):
        self.acknowledged, self.goes_on, self.thread = {}, True, threading.Thread(target=self.submit)

    def submit(self):
        number = 0
        while self.goes_on:
            key = f"k{number}"
            try:
                port = json.loads((root / ".suho/shared/daemon.json").read_text())["port"]
                body = json.dumps({"pipeline": "chain", "params": {"ticket": key}}).encode()
                request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/runs", body,
                    {"Content-Type": "application/json", "Idempotency-Key": key})
                with urllib.request.urlopen(request, timeout=10) as answer:
                    self.acknowledged[key] = json.loads(answer.read())["run"]["id"]
                number += 1
                # A little more than is carried out, and never a mountain of it.
                time.sleep(0.25)
            except (OSError, ValueError, urllib.error.URLError):
                time.sleep(0.05)


daemons = {}


def begin(name):
    log = open(root / f"daemon-{name}.log", "a")
    daemon = subprocess.Popen([suho, "daemon", "--env", "shared", "--runs-max", "4", "--listen", "127.0.0.1:0"],
        cwd=root, stderr=log, stdout=log)
    daemons[daemon.pid] = daemon
    return daemon


def leader():
    """The process that leads, and its epoch."""
    found = ask("SELECT holder, epoch FROM leases WHERE name = 'shared' AND expires_at >= now_us()")
    if not found:
        return None
    holder, epoch = found.split("|")
    return int(holder.rsplit(" ", 1)[1]), int(epoch)


def events():
    return int(ask("SELECT count(*) FROM events") or -1)


def spread(times):
    times = sorted(times)
    return f"median {times[len(times) // 2]:.2f} s, longest {times[-1]:.2f} s" if times else "none"


begin("a")
await_that("the first daemon", 30, leader)
load = Load()
load.thread.start()
await_that("the first run", 30, lambda: events() > 0)

back = []
for _ in range(restarts):
    time.sleep(chance.uniform(0.2, 1.2))
    subprocess.run(os.environ["RESTART"], shell=True, check=True, stdout=subprocess.DEVNULL)
    began, before = time.monotonic(), await_that("the server", 10, lambda: events() + 1) - 1
    await_that("progress after a restart", 10, lambda: events() > before)
    back.append(time.monotonic() - began)
    if daemons and any(daemon.poll() is not None for daemon in daemons.values()):
        fail("a daemon ended")

over = []
if cycles:
    begin("b")
    begin("c")
for _ in range(cycles):
    time.sleep(chance.uniform(0.5, 2.0))
    pid, epoch = await_that("a leader", 30, leader)
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    await_that("a new leader", 40, lambda: (leader() or (0, epoch))[1] > epoch)
    before = events()
    await_that("progress under a new leader", 20, lambda: events() > before)
    over.append(time.monotonic() - began)
    os.kill(pid, signal.SIGCONT)

load.goes_on = False
load.thread.join()
runs = len(load.acknowledged)
await_that("the end of every run", 60 + runs, lambda: ask("SELECT count(*) FROM runs WHERE ended_at IS NULL") == "0")
if any(daemon.poll() is not None for daemon in daemons.values()):
    fail("a daemon ended")

kept = dict(line.split("|") for line in (ask("SELECT run_id, status FROM runs") or "").splitlines())
lost = [run for run in load.acknowledged.values() if run not in kept]
ended = collections.Counter(kept.values())
witnesses = (root / ".suho/shared/runs").rglob("witness")
began = collections.Counter(line.split()[0] for each in witnesses for line in each.read_text().splitlines())
twice = [key for key, times in began.items() if times > 1]
results = ask("SELECT run_id, payload::json->'attempt_succeeded'->>'step', count(*) FROM events "
    "WHERE kind = 'attempt_succeeded' GROUP BY 1, 2 HAVING count(*) > 1")
tries = ask("SELECT count(*) FROM events WHERE kind = 'attempt_started'")
epochs = ask("SELECT epoch FROM leases WHERE name = 'shared'")
connections = ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'suho'")
print(f"{runs} runs acknowledged, {len(lost)} lost, {dict(ended)}; {len(began)} attempts began, {tries} in the "
    f"log, {len(twice)} twice; {epochs} epochs; {connections} connections of {len(daemons)} daemons")
print(f"{restarts} restarts of the server: progress after {spread(back)}")
print(f"{cycles} stopped leaders: progress after {spread(over)}")
if lost or twice or results or set(ended) != {"succeeded"}:
    fail(f"lost {lost}, twice {twice}, results {results}, ended {dict(ended)}")
if back and max(back) > 5:
    fail("progress after a restart took more than 5 s")
if over and max(over) > 20:
    fail("a new leader took more than 20 s")
for daemon in daemons.values():
    daemon.terminate()
for daemon in daemons.values():
    try:
        left = daemon.wait(30)
    except subprocess.TimeoutExpired:
        left = "nothing in 30 s"
    if left != 0:
        fail(f"the daemon of process {daemon.pid} was asked to leave and answered {left}")
verified = subprocess.run([suho, "doctor", "--verify"], cwd=root, capture_output=True, text=True)
if verified.returncode != 0:
    fail(f"`suho doctor --verify` says {verified.stdout}{verified.stderr}")
subprocess.run(["rm", "-rf", str(root)], check=True)
