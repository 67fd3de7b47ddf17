"""Right answers and slips of 13-ranking. Never released, never in a student's process."""

import numpy as np
import sympy as sp

from mfteach.grading import Choice, Formula, Implementation, Number, Slip, part, source_of

alpha, lam_ = sp.symbols("alpha lam")
FILMS = ("Cleopatra", "Nero", "Casablanca", "Pretty Woman")


def _measures(hits, n_relevant, discount):
    """Return precision, recall and nDCG of a whole list, with a discount for each place."""
    hits, discount = np.array(hits, dtype=float), np.array(discount, dtype=float)
    best = discount[:n_relevant].sum()
    return [hits.mean(), hits.sum() / n_relevant, hits @ discount / best]


def q1(stars, others):
    hits = [star in "45" for star in stars]
    rated = [star != "-" for star in stars]
    places = np.arange(1, 5)
    discount = 1 / np.log2(places + 1)
    n_relevant = sum(hits) + others
    precision, recall, ndcg = _measures(hits, n_relevant, discount)
    return Number(
        right=[precision, recall, ndcg],
        slips=[
            Slip(
                "every rating counted",
                _measures(rated, sum(rated) + others, discount),
                "A film that was rated with fewer than 4 stars is not relevant.",
            ),
            Slip(
                "relevant films beyond the list forgotten",
                _measures(hits, sum(hits), discount),
                "The first number is right. The user has relevant films that are not on the "
                "list: they count in the other two.",
            ),
            Slip(
                "precision and recall swapped",
                [recall, precision, ndcg],
                "Precision and recall are in the wrong order: which of them asks about the list?",
            ),
            Slip(
                "places not discounted",
                _measures(hits, n_relevant, np.ones(4)),
                "Precision and recall are right. In the third measure a place counts less the "
                "further down it is.",
            ),
            Slip(
                "discount without a logarithm",
                _measures(hits, n_relevant, 1 / places),
                "Precision and recall are right. The discount of a place has a logarithm in it.",
            ),
            Slip(
                "DCG not divided",
                [precision, recall, ndcg * discount[:n_relevant].sum()],
                "Precision and recall are right. The DCG is not divided by that of the best order.",
            ),
        ],
        computed=True,
    )


def q1_printed(stars, others):
    rows = [
        f"| {place} | {film} | {'not rated' if star == '-' else star} |"
        for place, (film, star) in enumerate(zip(FILMS, stars, strict=True), 1)
    ]
    return {"table": "\n".join(rows)}


# Each step as it should be and with its leak; what is said of the leak; and the answer to those who
# say it of a step that has none.
_STEPS = (
    (
        "They cut the ratings at random: {share} % to choose on, {share} % to test on, the rest to "
        "learn from.",
        "Each rating stands in their table twice, once from the site and once from the app. They "
        "cut these rows at random: {share} % to choose on, {share} % to test on, the rest to learn "
        "from.",
        "Step 1: the same rating may be in several parts.",
        "A user may be in all parts, but each of their ratings is in one part only.",
    ),
    (
        "From each rating they subtract the mean of its film, taken over those to learn from.",
        "From each rating they subtract the mean of its film, taken over all ratings.",
        "Step 2: the means know the test ratings.",
        "Means may be subtracted before anything is fitted, if they are taken over the ratings to "
        "learn from.",
    ),
    (
        "They fit {settings} settings to the ratings to learn from, and stop each run where "
        "precision at 10 is highest on the ratings to choose on.",
        "They fit {settings} settings to the ratings to learn from, and stop each run where "
        "precision at 10 is highest on the ratings to test on.",
        "Step 3: the test ratings say when to stop.",
        "When to stop is a setting too, and it is chosen on the ratings that are there for that.",
    ),
    (
        "They keep the setting with the highest precision at 10 on the ratings to choose on.",
        "They keep the setting with the highest precision at 10 on the ratings to test on.",
        "Step 4: the test ratings take part in the choice.",
        "The setting is chosen on ratings that it has not learned from, and that are not reported.",
    ),
)
_LAST = (
    "For each user they rank all films that the user has not rated in the part to learn from, and "
    "report precision at 10 on the ratings to test on."
)
_NAMES = ("the split", "the means", "the fits", "the choice")


def q2(leak, share, settings):
    wrong = [
        Slip(f"{name} suspected", step[2], step[3])
        for number, (name, step) in enumerate(zip(_NAMES, _STEPS, strict=True), 1)
        if number != leak
    ]
    return Choice(
        right=_STEPS[leak - 1][2],
        slips=[
            *wrong,
            Slip(
                "the list suspected",
                "Step 5: films that the user has rated before are left out.",
                "Nobody wants films again that they have rated: these belong on no list.",
            ),
        ],
    )


def q2_printed(leak, share, settings):
    texts = [step[number == leak] for number, step in enumerate(_STEPS, 1)] + [_LAST]
    listed = (f"{number}. {text}" for number, text in enumerate(texts, 1))
    return {"steps": "\n".join(listed).format(share=share, settings=settings)}


def q3(films):
    n, mean, m, other = map(sp.nsimplify, films)
    mu = sp.Rational(7, 2)
    d, e = mean - mu, other - mu

    def equal_at(d, e):
        return n * m * (d - e) / (m * e - n * d)

    return Number(
        right=equal_at(d, e),
        slips=[
            Slip(
                "mean of all not subtracted",
                equal_at(mean, other),
                "What is pulled towards 0 is how far a film is from the mean of all ratings.",
            ),
            Slip(
                "only the first film pulled",
                n * (d - e) / e,
                "The penalty stands in both denominators: the second film is pulled too.",
            ),
            Slip(
                "sum taken for the mean",
                (m * d - n * e) / (e - d),
                "The numerator is a sum over all ratings of the film, not their mean.",
            ),
            Slip(
                "side of the equation",
                -equal_at(d, e),
                "A penalty is above 0: a sign was lost when terms changed sides.",
            ),
        ],
    )


def q3_printed(films):
    n, mean, m, other = films
    return {"n": str(n), "mean": str(mean), "m": str(m), "other": str(other)}


def q4(r, v, w, x):
    weighted = v + v * r * alpha
    others = w**2 + x**2
    right = weighted / (v * weighted + others + lam_)
    return Formula(
        sp.expand(v + v * r * alpha) / sp.expand(v * weighted + others + lam_),
        slips=[
            Slip(
                "blanks left out",
                weighted / (v * weighted + lam_),
                "The numerator is right. A blank is a pair too, with weight 1, in the denominator.",
            ),
            Slip(
                "stars as target",
                r * right,
                "What is predicted is whether a film was seen, which is 1 or 0; the stars are in "
                "the weight only.",
            ),
            Slip(
                "the 1 of the weight forgotten",
                v * r * alpha / (v**2 * r * alpha + others + lam_),
                "The weight of a film that was seen is more than alpha times its stars.",
            ),
            Slip(
                "weight in the numerator only",
                weighted / (v**2 + others + lam_),
                "The numerator is right. The weight belongs in the denominator too.",
            ),
            Slip(
                "penalty left out",
                weighted / (v * weighted + others),
                "Without a penalty this is right. Where does lam come in when you differentiate?",
            ),
            Slip(
                "factors not squared",
                weighted / (weighted + w + x + lam_),
                "The numerator is right. In the denominator the factors are squared.",
            ),
        ],
    )


def _experiment(seed):
    """Return penalties, and the RMSE and the precision at 5 of item means with each of them."""
    rng = np.random.default_rng(seed)
    fame = rng.beta(0.6, 3, 80)
    stars = 3.5 + rng.normal(0, 0.5, 80) + rng.normal(0, 0.8, (300, 80))
    seen, part = rng.random((300, 80)) < fame, rng.random((300, 80))
    learned, held_out = seen & (part < 0.7), seen & (part >= 0.7)
    sums, counts = (learned * (stars - 3.5)).sum(axis=0), learned.sum(axis=0)
    table = []
    for penalty in (0.5, 2, 8, 32, 128, 512):
        c = sums / (counts + penalty)
        error = (stars - 3.5 - c)[held_out]
        first = np.argsort(np.where(learned, 9, -c), axis=1)[:, :5]
        hits = np.take_along_axis(held_out & (stars >= 4), first, axis=1)
        table.append((penalty, np.sqrt(np.mean(error**2)), hits.mean()))
    return table


def q5(seed):
    rows = _experiment(seed)
    lowest = min(rows, key=lambda row: row[1])
    return Number(
        right=lowest[2],
        slips=[
            Slip("RMSE for precision", lowest[1], "That is the RMSE. The question asks for hits."),
            Slip(
                "best list",
                max(row[2] for row in rows),
                "That is the highest precision, but not where the RMSE is lowest.",
            ),
            Slip("penalty for precision", lowest[0], "That is the penalty of the right row."),
        ],
        computed=True,
    )


def q5_printed(seed):
    return {"code": source_of(_experiment, "experiment")}


def _measure_list(scores, seen, relevant, n):
    order = np.argsort(-scores)
    order = order[seen[order] == 0][:n]
    hits = relevant[order]
    discount = 1 / np.log2(np.arange(n) + 2)
    count = int(relevant.sum())
    return hits.sum() / n, hits.sum() / count, hits @ discount / discount[:count].sum()


def _seen_kept(scores, seen, relevant, n):
    hits = relevant[np.argsort(-scores)[:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    count = int(relevant.sum())
    return hits.sum() / n, hits.sum() / count, hits @ discount / discount[:count].sum()


def _seen_at_zero(scores, seen, relevant, n):
    hits = relevant[np.argsort(-scores * (1 - seen))[:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    count = int(relevant.sum())
    return hits.sum() / n, hits.sum() / count, hits @ discount / discount[:count].sum()


def _lowest_first(scores, seen, relevant, n):
    order = np.argsort(scores)
    hits = relevant[order[seen[order] == 0][:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    count = int(relevant.sum())
    return hits.sum() / n, hits.sum() / count, hits @ discount / discount[:count].sum()


def _swapped(scores, seen, relevant, n):
    order = np.argsort(-scores)
    hits = relevant[order[seen[order] == 0][:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    count = int(relevant.sum())
    return hits.sum() / count, hits.sum() / n, hits @ discount / discount[:count].sum()


def _not_divided(scores, seen, relevant, n):
    order = np.argsort(-scores)
    hits = relevant[order[seen[order] == 0][:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    return hits.sum() / n, hits.sum() / relevant.sum(), hits @ discount


def _not_discounted(scores, seen, relevant, n):
    order = np.argsort(-scores)
    hits = relevant[order[seen[order] == 0][:n]]
    return hits.sum() / n, hits.sum() / relevant.sum(), hits.sum() / min(n, relevant.sum())


def _best_beyond_n(scores, seen, relevant, n):
    order = np.argsort(-scores)
    hits = relevant[order[seen[order] == 0][:n]]
    discount = 1 / np.log2(np.arange(len(scores)) + 2)
    count = int(relevant.sum())
    return hits.sum() / n, hits.sum() / count, hits @ discount[:n] / discount[:count].sum()


def _best_of_own_hits(scores, seen, relevant, n):
    order = np.argsort(-scores)
    hits = relevant[order[seen[order] == 0][:n]]
    discount = 1 / np.log2(np.arange(n) + 2)
    best = max(discount[: int(hits.sum())].sum(), 1e-12)
    return hits.sum() / n, hits.sum() / relevant.sum(), hits @ discount / best


# Films, n, the places (by score, the highest first) of what was seen and of what is relevant, and
# how much lower all scores are: below 0, a film with a score of 0 would stand in front.
_LISTS = [
    (8, 3, [0, 2], [1, 5], 0),
    (9, 3, [1], [0, 3, 5, 6, 8], 0),
    (7, 4, [], [1, 4, 5], 0),
    (8, 2, [], [1, 3, 4], 0),
    (7, 3, [0, 1], [5, 6], 0),
    (8, 4, [0, 3], [1, 2], 0),
    (9, 4, [4, 7], [1, 3, 5], 9),
]


def _lists(rng):
    """The third and the fourth have nothing that was seen, the fifth has no hit."""
    inputs = []
    for m, n, seen, relevant, below in _LISTS:
        order = rng.permutation(m)
        scores, marks = np.empty(m), np.zeros((2, m))
        scores[order] = np.linspace(3, -3, m) + rng.uniform(0, 0.5, m) - below
        marks[0, order[seen]], marks[1, order[relevant]] = 1, 1
        inputs.append((scores, marks[0], marks[1], n))
    return inputs


def q6():
    return Implementation(
        _measure_list,
        _lists,
        slips=[
            Slip(
                "seen films not left out",
                _seen_kept,
                "Films that the user has rated before stand on your list.",
            ),
            Slip(
                "seen films at 0",
                _seen_at_zero,
                "You gave films that the user has rated before a score of 0. That is not last: "
                "scores may be below 0. Where no score is, your measures are right.",
            ),
            Slip(
                "lowest first",
                _lowest_first,
                "The measures are right, but your list begins with the lowest score.",
            ),
            Slip(
                "precision and recall swapped",
                _swapped,
                "All three are right, but the first two are in the wrong order.",
            ),
            Slip(
                "DCG not divided",
                _not_divided,
                "The first two are right. Divide the DCG by that of the best order.",
            ),
            Slip(
                "places not discounted",
                _not_discounted,
                "The first two are right. In the third a place counts less the further down it is.",
            ),
            Slip(
                "best order longer than the list",
                _best_beyond_n,
                "The first two are right. The best order has n places too, even if there are more "
                "relevant films.",
            ),
            Slip(
                "relevant films beyond the list forgotten",
                _best_of_own_hits,
                "The first two are right. The best order has all relevant films in front, also "
                "those that your list has missed.",
            ),
        ],
        properties=[
            part("precision", of=lambda found, *_: found[0]),
            part("recall", of=lambda found, *_: found[1]),
            part("nDCG", of=lambda found, *_: found[2]),
            part(
                "users who have seen nothing",
                where=lambda scores, seen, relevant, n: not seen.any(),
            ),
        ],
    )
