"""Runs of `quickpay certify` on broken implementations, several at a time, each result kept as soon as it is there."""
import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

WORKERS = 4          # more than processors: most of a scenario is waiting
PATIENCE = 3         # time limits are so many times as long: that the machine is busy kills no mutant
LIMIT_SECONDS = 1800  # of one run; nothing in it may take as long
TRIES = 4            # until what fails also fails when it is played alone
CONFIRMED = 5        # failed scenarios that are played again
INCONCLUSIVE = 4     # exit code of quickpay certify
RECENT = 24          # scenarios that found the last mutants of the same role, played first
SAY_SECONDS = 30     # between lines about how far it is, where there is no terminal
REFERENCE = ""       # id of the implementation that has no fault


@dataclasses.dataclass(frozen=True)
class Job:
    role: str
    mutant: str
    profile: str
    whole: bool      # not only to the first failure
    patience: int = PATIENCE
    select: str = ""  # scenarios; empty: all


def digest_of(program):
    return hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:16]


def adapter_of(quickpay, job):
    fault = f" --fault {shlex.quote(job.mutant)}" if job.mutant else ""
    return f"exec {shlex.quote(str(quickpay))} reference-adapter --role {job.role}{fault}"


def words_of(mutant):
    """Rows, steps, messages and predicates that a mutant's id names; a case of a row (Y4.1) names the row, too."""
    parts = {part for piece in mutant.split(":") for part in [piece, *piece.split("@")] if part}
    return parts | {part.split(".")[0] for part in parts if part[0].isupper()}


def likely(mutant, scenarios):
    """Scenarios about the row, step or message that the mutant's id names: played first, to find it soon."""
    words = words_of(mutant)
    return [one["id"] for one in scenarios
            if words & set((one["subject"] + " " + one["mutation"]).replace(".", " ").replace(":", " ").split())]


def failures_of(report):
    return [{name: check[name] for name in ("check", "scenario", "reason", "requirements")}
            for check in ({**line, "check": line["id"]} for line in report["checks"]) if check["verdict"] == "fail"]


def negative_passes(report):
    """Negative scenarios whose own check passed."""
    negative = {scenario["id"] for scenario in report["scenarios"] if scenario["negative"]}
    return sorted(check["scenario"] for check in report["checks"]
                  if check["verdict"] == "pass" and check["id"] == check["scenario"] and check["scenario"] in negative)


def groundless(report):
    """Negative scenarios that pass although their twin, the same session without the fault, did not."""
    own = {}
    for check in report["checks"]:
        if ".ambient." not in check["id"]:
            own.setdefault(check["scenario"], []).append(check["verdict"])
    passed = {scenario for scenario, verdicts in own.items() if set(verdicts) <= {"pass", "warn"}}
    twin = {scenario["id"]: scenario["twin"] for scenario in report["scenarios"]}
    return [scenario for scenario in negative_passes(report) if twin[scenario] not in passed]


def subjects(report):
    """What each scenario is about."""
    return [{name: scenario[name] for name in ("id", "subject", "mutation")} for scenario in report["scenarios"]]


def owners(report):
    """The scenario of each check that belongs to one."""
    return {check["id"]: check["scenario"] for check in report["checks"] if ".ambient." not in check["id"]}


def result_of(job, seed, program, report):
    return {**dataclasses.asdict(job), "seed": seed, "program": program, "exit": report["exit_code"],
            "certifiable": report["certifiable"], "failures": failures_of(report), "passes": report["counts"]["pass"],
            "errors": sorted({check["scenario"] for check in report["checks"] if check["verdict"] == "error"}) + report["defects"],
            "negative_passes": negative_passes(report), "groundless": groundless(report),
            "checks": [] if job.mutant else sorted({check["id"] for check in report["checks"]}),
            "scenarios": [] if job.mutant else subjects(report), "owners": {} if job.mutant else owners(report),
            "protocols": report["protocols"], "played": sum(scenario["ran"] for scenario in report["scenarios"]), "ms": report["ms"]}


class Runs:
    def __init__(self, quickpay, seed, results=None, workers=WORKERS):
        self.quickpay, self.seed, self.file, self.workers = quickpay, seed, results, workers
        self.program = digest_of(quickpay)
        self.done = {}
        self.scenarios = {}  # by role, of a run of the reference
        self.recent = collections.defaultdict(list)  # scenarios that found mutants, by role
        self.once = {}       # scenarios that found a mutant in another run, by role and mutant
        self.stop = False    # set: begin no more
        for line in results.read_text().splitlines() if results and results.exists() else []:
            result = json.loads(line)
            if result["program"] == self.program and result["seed"] == seed:
                self.learn(self.job_of(result), result)

    def learn(self, job, result):
        self.done[job] = result
        if job.mutant == REFERENCE:
            self.scenarios[job.role] = result["scenarios"]
        if not job.whole and result["failures"]:
            found = [result["failures"][0]["scenario"]]
            self.recent[job.role] = (found + [one for one in self.recent[job.role] if one not in found])[:RECENT]

    def first(self, job):
        """What is played before all others: what found it once, what is about its subject, and what found others."""
        about = likely(job.mutant, self.scenarios.get(job.role, []))
        return list(dict.fromkeys([*self.once.get((job.role, job.mutant), []), *about, *self.recent[job.role]]))

    def parts(self):
        """Results of runs of some scenarios alone, also those kept from an interrupted run."""
        return [result for job, result in self.done.items() if job.select]

    @staticmethod
    def job_of(result):
        return Job(*(result.get(field.name, field.default) for field in dataclasses.fields(Job)))

    def how(self, job):
        first = self.first(job)
        if job.select:
            return ["--select", job.select]
        return [] if job.whole else ["--fail-fast", *(["--first", ",".join(first)] if first else [])]

    def report(self, job, how):
        """The report of one run; nothing if it was interrupted."""
        with tempfile.TemporaryDirectory() as folder:
            words = [self.quickpay, "certify", "--role", job.role, "--profile", job.profile, "--seed", str(self.seed), "--jobs",
                     "2", "--patience", str(job.patience), "--adapter", adapter_of(self.quickpay, job), "--out", folder, *how]
            run = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS)
            if run.returncode > 128 or run.returncode < 0:
                return None
            path = pathlib.Path(folder) / "report.json"
            if not path.exists():
                raise RuntimeError(f"{job}: no report, exit code {run.returncode}\n{run.stdout}")
            return json.loads(path.read_text())

    def certify(self, job):
        """One run; nothing if it was interrupted. What fails has to fail again alone: an accident finds no mutant, and what
        never fails alone counts as inconclusive."""
        report = None
        for _ in range(TRIES):
            report = self.report(job, self.how(job))
            if report is None or report["exit_code"] != 1:
                break
            failed = list(dict.fromkeys(failure["scenario"] for failure in failures_of(report)))[:CONFIRMED]
            alone = self.report(job, ["--select", ",".join(failed)])
            if alone is None or alone["exit_code"] == 1:
                report = alone and report
                break
            report["exit_code"] = INCONCLUSIVE
        return report and result_of(job, self.seed, self.program, report)

    def keep(self, job, result):
        self.learn(job, result)
        if self.file:
            with self.file.open("a") as out:
                out.write(json.dumps(result) + "\n")

    def play(self, jobs, seconds=None):
        """Plays what has no result yet, for about so many seconds. The results of these jobs, in their order."""
        end = time.monotonic() + seconds if seconds else None
        waiting = [job for job in dict.fromkeys(jobs) if job not in self.done]
        progress = Progress(len(waiting))
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            running = {}
            try:
                while (waiting or running) and not self.stop:
                    while waiting and len(running) < self.workers and not (end and time.monotonic() > end):
                        job = waiting.pop(0)
                        running[pool.submit(self.certify, job)] = job
                    if not running:
                        break
                    for future in concurrent.futures.wait(running, return_when="FIRST_COMPLETED").done:
                        job, result = running.pop(future), future.result()
                        self.stop = self.stop or result is None
                        if result is not None:
                            self.keep(job, result)
                            progress.show(job)
            except KeyboardInterrupt:  # a run that was interrupted with us has no result, one that ends has
                self.stop = True
            for job, result in [(job, future.result()) for future, job in running.items()]:
                if result is not None:
                    self.keep(job, result)
        progress.end()
        return [self.done[job] for job in jobs if job in self.done]


class Progress:
    def __init__(self, total):
        self.total, self.count, self.begin, self.said = total, 0, time.monotonic(), time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, job):
        self.count += 1
        now = time.monotonic()
        left = (now - self.begin) / self.count * (self.total - self.count)
        text = f"{self.count}/{self.total} {job.role} {job.mutant or 'reference'} {job.profile}, {left:.0f} s left"
        if self.terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        elif now - self.said > SAY_SECONDS:
            self.said = now
            print(text, file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
