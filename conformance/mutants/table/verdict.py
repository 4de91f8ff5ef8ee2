"""What runs mean: what became of each mutant, which check finds which, and what is wrong with the suite."""
import collections
import fnmatch

KILL_RATE = 0.95  # of the mutants that are not equivalent


def killers(result):
    """Checks that failed, each once."""
    return sorted({failure["check"] for failure in result["failures"]})


def killed(result):
    return result["exit"] == 1


def explanation(result, survivors):
    """The entry that explains a survivor, or nothing."""
    return next((entry for entry in survivors if entry["role"] == result["role"] and
                 any(fnmatch.fnmatchcase(result["mutant"], glob) for glob in entry["mutants"])), None)


def postponed(mutant, entries):
    """The entry that says why the published document does not have this mutant yet, or nothing."""
    return explanation({"role": mutant.role, "mutant": mutant.id}, entries)


def fate(result, survivors):
    """killed, the kind of its explanation (equivalent, unobservable, hole), or unexplained."""
    if killed(result):
        return "killed"
    entry = explanation(result, survivors)
    return entry["kind"] if entry else "unexplained"


def rate(results, survivors):
    """Killed mutants and those that are not equivalent."""
    fates = collections.Counter(fate(result, survivors) for result in results)
    return fates["killed"], len(results) - fates["equivalent"]


def allowed_passes(result, miniatures):
    """Negative scenarios that a miniature passes for a good reason; None: it must pass nothing at all."""
    globs = []
    for entry in miniatures:
        if result["mutant"] in entry["miniatures"] and result["role"] in entry["roles"]:
            if not entry["passes"]:
                return None
            globs += entry["passes"]
    return globs


def unearned(result, miniatures):
    """Passes that this miniature cannot have earned."""
    globs = allowed_passes(result, miniatures)
    if globs is None:
        return [f"{result['passes']} of all kinds"] if result["passes"] else []
    free = [one for one in result["negative_passes"] if not any(fnmatch.fnmatchcase(one, glob) for glob in globs)]
    return sorted({*free, *result["groundless"]})


def about_each(results, survivors):
    found = [f"{r['role']} {r['mutant']} survives and nobody says why (exit code {r['exit']})" for r in results
             if fate(r, survivors) == "unexplained"]
    return found + [f"{r['role']} {r['mutant']} is killed by {killers(r)[0]}, but explained as "
                    f"{explanation(r, survivors)['kind']}" for r in results if killed(r) and explanation(r, survivors)]


def about_mutants(results, survivors):
    found = about_each(results, survivors)
    dead, all_of_them = rate(results, survivors)
    if dead < KILL_RATE * all_of_them:
        found.append(f"only {dead} of {all_of_them} mutants are killed")
    return found


def about_reasons(results, survivors, listed):
    """Patterns that explain nothing: of what was tried all is killed, or no mutant has such a name. Of a share of the
    mutants not all that are explained are tried. `listed`: all mutants there are."""
    roles = {r["role"] for r in results}

    def idle(role, glob):
        tried = [r for r in results if r["role"] == role and fnmatch.fnmatchcase(r["mutant"], glob)]
        named = any(mutant.role == role and fnmatch.fnmatchcase(mutant.id, glob) for mutant in listed)
        return all(killed(r) for r in tried) if tried else not named

    return [f"{entry['role']} {glob} explains no survivor" for entry in survivors if entry["role"] in roles
            for glob in entry["mutants"] if idle(entry["role"], glob)]


def about_miniatures(minis, miniatures):
    found = [f"{r['role']} {r['mutant']} passes without having earned it: {', '.join(unearned(r, miniatures)[:5])}" for r in minis
             if unearned(r, miniatures)]
    return found + [f"{r['role']} {r['mutant']} could be certified" for r in minis if r["certifiable"] or r["exit"] == 0]


def about_all(references, others):
    found = [f"the reference ({r['role']}, profile {r['profile']}) counts as broken: exit code {r['exit']}, {r['failures'][:1]}"
             for r in references if r["exit"] != 0]
    found += [f"{r['role']} {r['mutant'] or 'reference'} makes the suite break in {', '.join(r['errors'][:3])}"
              for r in references + others if r["errors"]]
    return found + [f"{r['role']} {r['mutant']}: {r['groundless'][0]} passes although its twin does not" for r in others
                    if r["groundless"]]


def found_by(results):
    """Mutants by role and the check that fails for them."""
    table = collections.defaultdict(set)
    for result in results:
        for check in killers(result):
            table[result["role"], check].add(result["mutant"])
    return table


def idle(declared, results):
    """Checks that fail for no mutant: pairs of role and check. `declared`: the same pairs, of whole runs."""
    return sorted(set(declared) - set(found_by(results)))


def about_checks(declared, results, excuses):
    """Idle checks without a reason, and reasons for checks that are not idle or not there."""
    reasons = {(entry["role"], check): entry for entry in excuses for check in entry["checks"]}
    nothing = set(idle(declared, results))
    return [f"{role} {check} finds no mutant, and nobody says why" for role, check in sorted(nothing - set(reasons))] + [
        f"{role} {check} is said to find no mutant: {'it does' if (role, check) in set(declared) else 'there is none'}"
        for role, check in sorted(set(reasons) - nothing)]
