#!/usr/bin/env python3
"""Certifies every broken implementation that has a name in `quickpay reference-adapter --list` and expects a failure that
names the right requirement: broken_implementations.py QUICKPAY ROLE RESULTS [FAULT...]. RESULTS: of a whole run of the reference, with its
certificate. Those in TOO_LONG are left to tools/mutants.
A run ends at its first failure, after the scenarios about that requirement, unless nothing of it may pass; some runs are
to the end, of what they claim, with a key, and no certificate comes of them. What checks find them: tools/mutants."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "conformance" / "mutants"))
from table import population  # noqa: E402 (the path comes first)

TOO_LONG = ("slow",)  # it comes too late in every scenario, until the runner asks no more
AT_A_TIME = 6         # most of them wait for something that never comes
SIGNED = 3            # of each role: asked for a certificate at the end
# By those that are signed: they break one of these. QP_EVERYTHING: everything, which takes minutes more (tools/test --deep).
CLAIMED = "" if os.environ.get("QP_EVERYTHING") else "micropayment,communication"
LIMIT_SECONDS = 280   # a whole run in which nearly every scenario waits takes a minute or two beside others
SEED = os.environ.get("QP_SEED", "20261126")  # how long a run waits for who does not react hangs on the order of its scenarios


def complaint(code, report, breaks):
    """Why the run did not refuse this implementation as it should have; empty if it did."""
    passes = [check["id"] for check in report["checks"] if check["verdict"] == "pass"]
    failed = [check for check in report["checks"] if check["verdict"] == "fail"]
    if report["certifiable"]:
        return "it could be certified"
    if breaks in ("unreachable", "any") and passes:
        return f"passes that cannot be earned: {', '.join(passes)}"
    if breaks == "unreachable":
        return "" if code == 5 and not failed else f"exit code {code}, expected 5"
    if code != 1:
        return f"exit code {code}, expected 1"
    if breaks != "any" and not any(breaks in check["requirements"] for check in failed):
        return f"no failed check names {breaks}"
    return ""


class Judge:
    def __init__(self, quickpay, role, results, folder):
        self.quickpay, self.role, self.results, self.folder = quickpay, role, pathlib.Path(results), pathlib.Path(folder)
        self.key = str(self.folder / "key")
        subprocess.run([quickpay, "keygen", self.key, "--bits", "2048"], check=True, stdout=subprocess.DEVNULL)
        self.checks = []  # of the reference: which scenarios are about which requirement

    def certify(self, name, fault, profile, *options, claims=""):
        out = self.folder / name
        adapter = f"exec {self.quickpay} reference-adapter --role {self.role}"
        adapter += f" --fault {fault}" + (f" --protocol {claims}" if claims else "")
        run = subprocess.run([self.quickpay, "certify", "--role", self.role, "--profile", profile, "--adapter", adapter,
                              "--seed", SEED, "--out", out, *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=LIMIT_SECONDS, check=False)
        return run, json.loads((out / "report.json").read_text()), (out / "certificate.json").exists()

    def reference(self):
        """Twin: without a fault nothing is refused, so the very same question has to be answered by a complaint."""
        report = json.loads((self.results / "report.json").read_text())
        self.checks = report["checks"]
        return (self.results / "certificate.json").exists() and complaint(0, report, "any") != ""

    def about(self, mutant, option):
        """The scenarios about the requirement that it breaks, as an option has them."""
        about = sorted({check["scenario"] for check in self.checks if mutant.breaks in check["requirements"]})
        return [option, ",".join(about)] if about else []

    def refused(self, mutant):
        """A line about one broken implementation, and whether it was refused as it should be."""
        part = ["--select", f"{self.role}.{mutant.select}"] if mutant.select else []  # the scenarios that show it
        whole = mutant.breaks in ("any", "unreachable")  # nothing may pass, to the very end
        fast = [] if whole else ["--fail-fast", *(part or self.about(mutant, "--first"))]
        run, report, _ = self.certify(mutant.id, mutant.id, mutant.profile, *fast)
        why = complaint(run.returncode, report, mutant.breaks)
        if why.startswith("no failed check names"):  # another one failed before
            run, report, _ = self.certify(mutant.id, mutant.id, mutant.profile, *(part or self.about(mutant, "--select")))
            why = complaint(run.returncode, report, mutant.breaks)
        return self.line(mutant, run, report, why)

    def unsigned(self, mutant):
        run, report, certified = self.certify(mutant.id + "-signed", mutant.id, mutant.profile, "--sign", self.key, "--artefact",
                                              self.quickpay, claims=CLAIMED)
        why = complaint(run.returncode, report, mutant.breaks) or ("a certificate came out" if certified else "")
        return self.line(mutant, run, report, why)

    @staticmethod
    def line(mutant, run, report, why):
        counts, played = report["counts"], sum(scenario["ran"] for scenario in report["scenarios"])
        line = (f"{mutant.id:30} {mutant.profile} {mutant.breaks:12} exit {run.returncode}, {played} played, {counts['fail']} fail, "
                f"{report['ms']} ms (seed {report['seed']})")
        return (f"{line}: {why}\n{run.stdout}" if why else line), not why


def main():
    quickpay, role, results, *only = sys.argv[1:]
    named = [m for m in population.listed(quickpay, role) if m.operator == "named"]
    faults = [m for m in named if (m.id in only if only else m.id not in TOO_LONG)]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        judge = Judge(quickpay, role, results, folder)
        stands = judge.reference()
        signed = pool.map(judge.unsigned, [m for m in faults if not m.miniature][:SIGNED])
        results = list(pool.map(judge.refused, faults)) + list(signed)
    print("\n".join(text for text, _ in results))
    if not stands:
        print("the implementation without a fault counts as refused: this check cannot fail")
        return 1
    return 0 if faults and all(right for _, right in results) else 1


if __name__ == "__main__":
    sys.exit(main())
