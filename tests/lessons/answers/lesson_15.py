"""Answers that students of lesson 15 give: right ones in different forms, wrong ones with words."""

import numpy as np


def with_a_set(of_users, of_items, i, j):
    away = of_users[i] != of_items[j]
    return len(set(zip(of_users[i][away], j[away], strict=True)))


def with_unique(of_users, of_items, i, j):
    pairs = np.stack([of_users[i], j])[:, of_users[i] != of_items[j]]
    return np.unique(pairs, axis=1).shape[1]


def in_loops(of_users, of_items, i, j):
    needed = {}
    for user, item in zip(i, j, strict=True):
        if of_users[user] != of_items[item]:
            needed.setdefault(of_users[user], set()).add(item)
    return sum(len(items) for items in needed.values())


def one_a_rating(of_users, of_items, i, j):
    return np.sum(of_users[i] != of_items[j])


def whatever_is_there(of_users, of_items, i, j):
    return len({(of_users[a], b) for a, b in zip(i, j, strict=True)})


def films(of_users, of_items, i, j):
    return len({b for a, b in zip(i, j, strict=True) if of_users[a] != of_items[b]})


def half_written(of_users, of_items, i, j):
    return len(...)


RIGHT = {
    "15-1": [[288000, 1152000], "288000, 1152000", (500 * 9 * 64, 20000 * 9 / 10 * 64)],
    "15-2": [
        [False, True, False, False, True],
        "FTFFT",
        np.array([False, True, False, False, True]),
    ],
    "15-3": ["c M/(a M - b)", "c/(a - b/M)", "cM / (aM - b)", "M*c/(M*a - b)"],
    "15-4": [with_a_set, with_unique, in_loops],
    "15-exit": ["B", "b)", "(B)"],
}

WRONG = {
    "15-1": [
        ([320000, 1280000], "already where it is needed"),
        ([576000, 2304000], "4 bytes, not 8"),
        ([72000, 288000], "How many bytes has each?"),
        ([18000, 72000], "16 numbers, not one"),
        ([4500, 18000], "counts rows"),
        ([1152000, 288000], "all of V comes first"),
        (288000, "2"),
        (["many", "more"], "cannot be read"),
    ],
    "15-2": [
        ([True, True, False, False, True], "ratings lie with the user"),
        ([False, False, False, False, True], "have just changed"),
        ([False, True, True, False, True], "sends one number"),
        ([False, True, False, True, True], "on one machine"),
        ([False, True, False, False, False], "with many users"),
        ([False, True], "each of the 5 sentences"),
    ],
    "15-3": [
        ("c/(a - b)", "only its share"),
        ("c/(aM - b)", "the c as well"),
        ("cM/(aM + b)", "its sign changes"),
        ("(aM - b)/(cM)", "solve for N."),
        ("-cM/(aM - b)", "sign is wrong"),
        ("a N = c + b N/M", "N"),
    ],
    "15-4": [
        (one_a_rating, "once to a machine is enough"),
        (whatever_is_there, "on that machine already"),
        (films, "more than one machine"),
        (half_written, "dots"),
        (3, "is not a function"),
    ],
    "15-exit": [
        ("A", "How many bytes"),
        ("C", "where does precision come from"),
        ("D", "the same J"),
        ("E", "is not one of"),
    ],
}
