#!/usr/bin/env python3
"""The paper's Algorithms 1 and 2 in plain Python, timed: the Python column of Table I (`einet reproduce table1`).

Reads one JSON object from standard input:

    {"conv": [c_1, ...], "branch": [b_1, ...], "scores": [[C_1, ...], ...], "outputs": [1, 3], "repetitions": 10}

and prints one: for "expectation" (of the plan of all exits) and for "hybrid-M" with every M of "outputs", the value for
the first row of scores and the least, mean and most seconds of one call. Repetition k uses row k of the scores. The
cut-off is uniform over [0, T], T the time of everything. Only the standard library is used, as in the paper's table.
"""

import itertools
import json
import sys
import time


def expectation(conv, branch, scores, plan, horizon):
    """Algorithm 1: the accuracy expectation of `plan`, a list of booleans."""
    total = 0.0
    score = 0.0
    since = 0.0  # When the answer in force came.
    now = 0.0
    for i in range(len(conv)):
        now += conv[i]
        if plan[i]:
            now += branch[i]
            if now >= horizon:
                break
            total += score * (now - since) / horizon
            score = scores[i]
            since = now
    return total + score * (horizon - since) / horizon


def hybrid_search(conv, branch, scores, horizon, outputs):
    """Algorithm 2: all plans of up to `outputs` exits, then greedy additions until all exits are selected; returns the
    best plan seen and its expectation."""
    exits = len(conv)
    best, best_value = [False] * exits, 0.0
    for count in range(1, outputs + 1):
        for chosen in itertools.combinations(range(exits), count):
            plan = [False] * exits
            for i in chosen:
                plan[i] = True
            value = expectation(conv, branch, scores, plan, horizon)
            if value > best_value:
                best, best_value = plan, value
    grown = list(best)
    while not all(grown):
        added, added_value = -1, -1.0
        for i in range(exits):
            if grown[i]:
                continue
            grown[i] = True
            value = expectation(conv, branch, scores, grown, horizon)
            grown[i] = False
            if value > added_value:
                added, added_value = i, value
        grown[added] = True
        if added_value > best_value:
            best, best_value = list(grown), added_value
    return best, best_value


def measure(call, rows, repetitions, calls):
    """`call(row)` `calls` times per repetition: the seconds of one call."""
    seconds = []
    for k in range(repetitions):
        row = rows[k % len(rows)]
        begin = time.perf_counter()
        for _ in range(calls):
            call(row)
        seconds.append((time.perf_counter() - begin) / calls)
    return {"least": min(seconds), "mean": sum(seconds) / len(seconds), "most": max(seconds), "repetitions": repetitions}


def main():
    question = json.load(sys.stdin)
    conv, branch, rows = question["conv"], question["branch"], question["scores"]
    repetitions = question["repetitions"]
    horizon = sum(conv) + sum(branch)
    everything = [True] * len(conv)
    result = {"python": "%d.%d.%d" % sys.version_info[:3]}
    result["expectation"] = measure(lambda row: expectation(conv, branch, row, everything, horizon), rows, repetitions, 20)
    result["expectation"]["value"] = expectation(conv, branch, rows[0], everything, horizon)
    for outputs in question["outputs"]:
        name = "hybrid-%d" % outputs
        result[name] = measure(lambda row: hybrid_search(conv, branch, row, horizon, outputs), rows, repetitions, 1)
        result[name]["value"] = hybrid_search(conv, branch, rows[0], horizon, outputs)[1]
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
