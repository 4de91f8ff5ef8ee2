"""`--select smoke` tells within two seconds whether a whole run is worth while: smoke_test.py QUICKPAY ROLE. It has right
and wrong requests, the reference passes it, and who takes or refuses everything does not. What is limited is the time of
processors, the implementation's included: on a busy machine the run lasts longer and needs no more of it."""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

LIMIT_SECONDS = 2.0


def seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def certify(quickpay, role, folder, *who):
    begin = seconds_of_children()
    run = subprocess.run([quickpay, "certify", "--role", role, "--select", "smoke", "--out", folder, *who], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return run, seconds_of_children() - begin, json.loads((pathlib.Path(folder) / "report.json").read_text())


def main():
    quickpay, role = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        run, took, report = certify(quickpay, role, folder, "--reference")
        assert run.returncode == 0, run.stdout
        played = [scenario["negative"] for scenario in report["scenarios"] if scenario["ran"]]
        assert any(played) and not all(played), "smoke has right and wrong requests"
        assert not report["certifiable"], "a part of the suite certifies nothing"
        for fault in ("always-accepts", "always-rejects"):
            run, _, _ = certify(quickpay, role, folder, "--adapter", f"exec {quickpay} reference-adapter --role {role} --fault {fault}")
            assert run.returncode == 1, f"{fault}: {run.stdout}"
    print(f"{role}: {len(played)} scenarios, {sum(played)} of them negative, {took:.2f} s of processors")
    assert took < LIMIT_SECONDS, f"{took:.2f} s, less than {LIMIT_SECONDS} s wanted"


if __name__ == "__main__":
    main()
