"""Certificates: certificate_test.py QUICKPAY FORGE ROLE KEY RESULTS. An honest one stands, and so does that of a whole run of the
reference in RESULTS, signed with KEY; those of a dishonest issuer, who signs that a broken implementation passed everything, fall when the transcripts are judged again."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

FAULTS = {  # that fail quickly
    "host": ["forgets-idempotency", "leaks-mail"],
    "broker": ["ignores-limit", "commits-without-comparing"],
    "vendor": ["delivers-before-check-commit", "echoes-wallet-order"],
    "wallet": ["ignores-offer-checks"],
}
# By those that are forged: what is hidden is in these. QP_EVERYTHING: everything, which takes minutes more (tools/test --deep).
CLAIMED = "" if os.environ.get("QP_EVERYTHING") else "micropayment,communication"
SAMPLES = 12  # bytes of results that are changed


class Kit:
    def __init__(self, quickpay, forge, role, key, folder):
        self.quickpay, self.forge, self.role, self.key, self.folder = quickpay, forge, role, key, pathlib.Path(folder)

    def call(self, *words):
        return subprocess.run([self.quickpay, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280)

    def certify(self, name, *who):
        out = self.folder / name
        run = self.call("certify", "--role", self.role, *who, "--out", str(out), "--sign", self.key, "--artefact", self.quickpay)
        return run, out

    def adapter(self, *words):
        """One of the reference that claims less."""
        return "--adapter", " ".join([self.quickpay, "reference-adapter", "--role", self.role, *(["--protocol", CLAIMED] if CLAIMED else []), *words])

    def verify(self, out):
        return self.call("verify", str(out / "certificate.json"), "--key", self.key + ".pub", "--results", str(out))


def say_that_all_passed(out):
    """What a dishonest report says."""
    path = out / "report.json"
    report = json.loads(path.read_text())
    hidden = [check for check in report["checks"] if check["verdict"] not in ("pass", "not_applicable")]
    for check in hidden:
        check.update(verdict="pass", reason="")
    counts = dict.fromkeys(report["counts"], 0)
    for check in report["checks"]:
        counts[check["verdict"]] += 1
    report["counts"] = counts
    path.write_text(json.dumps(report))
    return len(hidden)


def stands(kit, out, problems):
    if not (out / "certificate.json").exists():
        problems.append(f"no certificate for the reference in {out}")
    elif (verified := kit.verify(out)).returncode:
        problems.append(f"the honest certificate does not stand: {verified.stdout}")


def changed(kit, out, problems):
    """Whatever byte of the results is changed, the certificate falls."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name not in ("certificate.json", "manifest.sha256", "badge.svg"))
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for _ in range(SAMPLES):
        path = chance.choice(files)
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1:])
        if kit.verify(out).returncode != 1:
            problems.append(f"byte {at} of {path.name} was changed and nobody noticed (seed {seed})")
        path.write_bytes(whole)


def dishonest(kit, fault, certificate, problems):
    run, out = kit.certify(fault, *kit.adapter("--fault", fault))
    if run.returncode == 0 or (out / "certificate.json").exists():
        problems.append(f"{fault}: exit code {run.returncode}, certificate: {(out / 'certificate.json').exists()}")
        return
    hidden = say_that_all_passed(out)
    subprocess.run([kit.forge, str(certificate), kit.key, str(out)], check=True)
    verified = kit.verify(out)
    if verified.returncode != 1 or "by the transcript, pass by report.json" not in verified.stdout or not hidden:
        problems.append(f"{fault}: {hidden} verdicts were hidden, verify says {verified.returncode}: {verified.stdout}")


def main():
    quickpay, forge, role, key, results = sys.argv[1:]
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        kit = Kit(quickpay, forge, role, key, folder)
        whole = shutil.copytree(results, pathlib.Path(folder) / "whole")
        _, out = kit.certify("honest", *kit.adapter())
        for each in (whole, out):
            stands(kit, each, problems)
        if problems:  # without a certificate that stands nothing can be forged
            print("\n".join(problems))
            return 1
        changed(kit, whole, problems)
        for fault in FAULTS[role]:
            dishonest(kit, fault, out / "certificate.json", problems)
        # The twin: what the forger signs is taken where it is true, so that it does not fall for another reason.
        shutil.copytree(out, out.parent / "again")
        subprocess.run([forge, str(out / "certificate.json"), kit.key, str(out.parent / "again")], check=True)
        if (verified := kit.verify(out.parent / "again")).returncode:
            problems.append(f"the forger's certificate of an honest run falls: {verified.stdout}")
    print("\n".join(problems) or "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
