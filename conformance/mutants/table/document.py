"""docs/mutants.md, from results: the same results give the same text."""
import collections

from table import population, verdict


def rows_of(cells):
    return ["| " + " | ".join(str(cell) for cell in row) + " |" for row in cells]


def order(result):
    return result["role"], result["mutant"], result["profile"]


def kill_table(results, survivors):
    """Rows of cells: role, operator, killed, equivalent, other survivors; the last row sums up."""
    counts = collections.defaultdict(collections.Counter)
    for result in results:
        counts[result["role"], population.operator_of(result["mutant"])][verdict.fate(result, survivors)] += 1
    table = [(role, name, c["killed"], c["equivalent"], sum(c.values()) - c["killed"] - c["equivalent"])
             for (role, name), c in sorted(counts.items())]
    return table + [("all", "", *(sum(row[i] for row in table) for i in (2, 3, 4)))]


def summary_of(results, survivors, facts, checks):
    dead, differ = verdict.rate(results, survivors)
    share = 100 * dead / max(1, differ)
    return ["# What the suites find", "",
            "Written by `tools/mutants --doc`: do not edit. "
            f"Specification `{facts['spec']}`, seed {facts['seed']}, {len(results)} mutants, {checks} checks.", "",
            "A mutant is the reference with one slip that the specification suggests: a row of a machine that is missing or leads",
            "elsewhere, a condition nobody asks for, an effect left out, a step of the processing order skipped, money off by one. It",
            "is killed if `quickpay certify` ends with exit code 1. What survives has its reason below: it is *equivalent* if no other",
            "player, no user and no observer can tell it from the reference, *unobservable* if only somebody outside of the adapter",
            "protocol could, and a *hole* if the suite could find it and does not.", "",
            f"Of predicates, steps, messages and documents all mutants are tried; of machines at most {facts['each']} of each operator and",
            "role, spread evenly over all their rows (`--each`).", "",
            f"**{dead} of {differ} mutants that differ are killed ({share:.1f} %); {len(results) - differ} more are equivalent.**", "",
            "| role | operator | killed | equivalent | survived |", "|---|---|---|---|---|",
            *rows_of(kill_table(results, survivors))]


def survivors_of(results, survivors):
    alive = [r for r in sorted(results, key=order) if not verdict.killed(r)]
    return ["", "## Survivors", "", "| role | mutant | is | why |", "|---|---|---|---|",
            *rows_of((r["role"], f"`{r['mutant']}`", verdict.fate(r, survivors),
                      (verdict.explanation(r, survivors) or {"why": "?"})["why"]) for r in alive)]


def miniatures_of(minis, miniatures):
    return ["", "## Miniatures", "",
            "Implementations that are broken in every scenario alike. None gets a certificate, and none passes a negative check that it",
            "has not earned. What a miniature does right earns a pass: the last column counts those of negative scenarios, all of them",
            "listed with their reason in [explanations.json](../conformance/mutants/explanations.json).", "",
            "| role | miniature | profile | exit code | failed | passed | negative passes, earned |", "|---|---|---|---|---|---|---|",
            *rows_of((r["role"], f"`{r['mutant']}`", r["profile"], r["exit"], len(verdict.killers(r)), r["passes"],
                      len(r["negative_passes"]) - len(verdict.unearned(r, miniatures))) for r in sorted(minis, key=order))]


def some(names, most=6):
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def by_mutant(results):
    lines = ["", "## Which checks find a mutant", "",
             "Runs marked * went on after the first failure that counts; the others ended there and name what failed until then.", ""]
    for role in sorted({r["role"] for r in results}):
        lines += [f"### {role}", "", "| mutant | profile | found by |", "|---|---|---|"]
        lines += rows_of((f"`{r['mutant']}`", r["profile"] + ("*" if r["whole"] else ""), some(verdict.killers(r)))
                         for r in sorted(results, key=order) if r["role"] == role and verdict.killed(r))
        lines += [""]
    return lines


def by_check(declared, results, excuses):
    table = verdict.found_by(results)
    reasons = {(entry["role"], check): entry["why"] for entry in excuses for check in entry["checks"]}
    lines = ["## Which mutants a check finds", ""]
    for role in sorted({role for role, _ in declared}):
        lines += [f"### {role}", "", "| check | finds |", "|---|---|"]
        lines += rows_of((f"`{check}`", some(sorted(table[one])) if table.get(one := (role, check)) else
                          "nothing: " + reasons.get(one, "?")) for of, check in sorted(declared) if of == role)
        lines += [""]
    return lines


def document(facts, results, minis, more, declared, known):
    """`facts`: spec, seed, each. `more`: runs for the sake of checks that found nothing. `known`: explanations.json."""
    lines = summary_of(results, known["survivors"], facts, len(declared))
    lines += survivors_of(results, known["survivors"]) + miniatures_of(minis, known["miniatures"])
    lines += by_mutant(results) + by_check(declared, results + minis + more, known["checks"])
    return "\n".join(lines).rstrip("\n") + "\n"


def found_in(text):
    """What a document says found a mutant, by role and mutant; of survivors and miniatures nothing did."""
    found, part, role = {}, "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            part, role = (line[3:], "") if line.startswith("## ") else (part, line[4:])
        cells = [cell.strip() for cell in line[2:].removesuffix(" |").split(" | ")] if line.startswith("| ") else []
        if part == "Which checks find a mutant" and cells and cells[0].startswith("`"):
            found[role, cells[0].strip("`")] = [word.strip("`") for word in cells[2].split(", ")]
        elif part in ("Survivors", "Miniatures") and len(cells) > 1 and cells[1].startswith("`"):
            found[cells[0], cells[1].strip("`")] = []
    return found


def differences(text, mutants, known=()):
    """What a document lacks or has too much of the mutants of some roles; all of these roles are given. `known`: not empty
    while the document waits to be written anew, all mutants that there are. Of those of machines it must then have as many of
    each operator, but not the same: every new row draws others (--each)."""
    there, here = set(found_in(text)), {(mutant.role, mutant.id) for mutant in mutants}
    roles = {role for role, _ in here}
    short = []
    if known:
        drawn = collections.Counter((m.role, m.operator) for m in mutants if population.of_machine(m))
        published = collections.Counter((m.role, m.operator) for m in known if population.of_machine(m) and (m.role, m.id) in there)
        short = [f"lacks {count - published[of]} of {of[0]} {of[1]}" for of, count in sorted(drawn.items()) if published[of] < count]
        here = {(mutant.role, mutant.id) for mutant in mutants if not population.of_machine(mutant)} | (
            there & {(mutant.role, mutant.id) for mutant in known})
    return short + [f"lacks {role} {one}" for role, one in sorted(here - there)] + [
        f"has {role} {one}, which is not tried" for role, one in sorted(there - here) if role in roles]
