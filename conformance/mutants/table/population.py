"""Which broken implementations there are, as `quickpay reference-adapter --list` names them, and which of them to try."""
import collections
import dataclasses
import random
import subprocess

ROLES = ("host", "broker", "vendor", "wallet")
EACH = 2  # mutations of machines taken of each role and operator, spread evenly over all there are
# Within one durable step no order shows and doing a thing twice does no more than once (swap-effects, repeat-effect); a
# node begins each record itself (initial-state, initial-value); what has no default is left alone as if it had one that
# ignores (drop-default). These operators are for the checks of the specification itself.
NOT_SEEN = ("swap-effects", "repeat-effect", "initial-state", "initial-value", "drop-default")


@dataclasses.dataclass
class Mutant:
    role: str
    id: str
    profile: str = "F"
    breaks: str = ""         # the requirement that has to be named, "any" or "unreachable"; empty: whatever
    select: str = ""         # the scenarios that show it, without the role; empty: any may
    protocol: str = ""       # empty: of all
    miniature: bool = False  # broken in every scenario alike

    @property
    def operator(self):
        return operator_of(self.id)


def operator_of(mutant):
    """How it is made: named, an operator on a machine (drop-row), or one on a table (believes)."""
    parts = mutant.split(":")
    return "named" if len(parts) == 1 else parts[1] if "." in parts[0] else parts[0]


def parsed(text, role):
    """Mutants in the output of `quickpay reference-adapter --role ROLE --list`."""
    mutants = []
    for line in text.splitlines():
        words = line.split()
        if not line.startswith(" "):
            mutants.append(Mutant(role, words[0]))
        elif words[0] == "breaks":
            mutants[-1].breaks = dict(word.split(":") for word in words[1:]).get(role, "")
        elif words[0] == "profile":
            mutants[-1].profile = words[1]
        elif words[0] == "select":
            mutants[-1].select = words[1]
        elif words[0] == "protocol":
            mutants[-1].protocol = words[1]
        elif words[0] == "miniature":
            mutants[-1].miniature = True
    return mutants


def listed(quickpay, role):
    return parsed(subprocess.run([quickpay, "reference-adapter", "--role", role, "--list"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout, role)


def of_machine(mutant):
    return "." in mutant.id.split(":")[0]


def spread(mutants, each):
    """At most `each` of every operator on machines, evenly over the list; all others."""
    groups = collections.defaultdict(list)
    for mutant in filter(of_machine, mutants):
        if mutant.operator not in NOT_SEEN:
            groups[mutant.operator].append(mutant)
    chosen = [mutant for mutant in mutants if not of_machine(mutant)]
    return chosen + [group[i * len(group) // min(each, len(group))] for group in groups.values()
                     for i in range(min(each, len(group)))]


def population(quickpay, protocols, each=EACH):
    """All mutants that are tried, the miniatures among them. `protocols`: of which the suites have scenarios, by role."""
    return [mutant for role, played in protocols.items()
            for mutant in spread([m for m in listed(quickpay, role) if m.protocol in ("", *played)], each)]


def sample(mutants, seed):
    """The same mutants in an order drawn by the seed, without miniatures, of which most take long."""
    drawn = [mutant for mutant in mutants if not mutant.miniature]
    random.Random(seed).shuffle(drawn)
    return drawn
