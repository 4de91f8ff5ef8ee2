"""Answers the vectors of machines and scenarios from the blocks of the specification as they are written.

For `quickpay vectors run --program 'python3 vectors/make/blocks.py' --kind state --kind scenario`. The vectors come from the
rows that the spec compiler expands these blocks to; here the cases of a block are tried one after the other, so that an
error of the expansion is seen. It is also an example of such a program.
"""
import json
import re
import sys

from common import specification

MACHINES = {machine["id"]: machine for machine in specification()["machines"]}


class Condition:
    """One condition: `not`, `and`, `or`, parentheses, predicates, and comparisons of a variable with a value."""

    def __init__(self, text, holds, variables):
        self.words = re.findall(r"[A-Za-z_][\w-]*|[()]|[=!]=", text)
        self.holds, self.variables = holds, variables

    def value(self):
        result = self.either()
        assert not self.words, self.words
        return result

    def either(self):
        result = self.both()
        while self.words[:1] == ["or"]:
            self.words.pop(0)
            result = self.both() or result
        return result

    def both(self):
        result = self.one()
        while self.words[:1] == ["and"]:
            self.words.pop(0)
            result = self.one() and result
        return result

    def one(self):
        word = self.words.pop(0)
        if word == "not":
            return not self.one()
        if word == "(":
            result = self.either()
            self.words.pop(0)
            return result
        if self.words[:1] in (["=="], ["!="]):
            equal = self.words.pop(0) == "=="
            return (self.variables[word] == self.words.pop(0)) == equal
        return word in self.holds


def effects_of(machine, state, event, holds, variables):
    """The effects and the next state: of the first case that holds, or of the event's default."""
    for block in machine["blocks"]:
        if state in block["states"] and event == block["event"]:
            for case in block["cases"]:
                if not case.get("condition") or Condition(case["condition"], holds, variables).value():
                    return case.get("effects", []), state if case["to"] == "same" else case["to"]
    index = next(i for i, each in enumerate(machine["events"]) if each["id"] == event)
    default = machine["default_of_event"][index]
    return machine["defaults"][default].get("effects", []) if default >= 0 else [], state


def step(machine, state, variables, event, holds):
    effects, following = effects_of(machine, state, event, set(holds), variables)
    after = variables | {effect[1]: effect[2] for effect in effects if effect[0] == "set"}
    return {"next": following, "variables": after, "effects": [" ".join(effect) for effect in effects]}


def answer(asked):
    if "steps" not in asked:
        given = asked["given"]
        return step(MACHINES[asked["machine"]], given["state"], given["variables"], asked["event"], given["holds"])
    stands, steps = {}, []
    for each in asked["steps"]:
        machine = MACHINES[each["machine"]]
        start = machine["initial"], {variable["id"]: variable["initial"] for variable in machine["variables"]}
        made = step(machine, *stands.get(machine["id"], start), each["event"], each["holds"])
        stands[machine["id"]] = made["next"], made["variables"]
        steps.append(made)
    return {"steps": steps}


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        made = answer(asked) if asked["kind"] in ("state", "scenario") else {"unsupported": "only machines here"}
        print(json.dumps({"n": asked["n"], **made}), flush=True)


if __name__ == "__main__":
    main()
