"""A whole derivation, a line a row: what is read, what counts, and how much work it may cost."""

import pytest

from mfteach.answers.derivations import whole_texts as derivations
from mfteach.answers.derivations.ledger import Ledger
from mfteach.answers.derivations.whole_texts import (
    LONGEST_LINE,
    MOST_LINES,
    MOST_NOT_PROVED,
    Task,
    judge_derivation,
    problems,
    rows,
)
from mfteach.symbolic import lecture

LETTERS = "J u v w r rhat e delta i j l p q s t"
GOAL = "-sum_{j in I_i} v_js e_ij"
TASK = Task("dJ/du_is", GOAL, LETTERS)
ONLY = "d/du_is 1/2 sum_{j in I_i} (r_ij - sum_{q=1}^k u_iq v_jq)^2"
CHAIN = "sum_{j in I_i} (r_ij - sum_{q=1}^k u_iq v_jq) (-sum_{q=1}^k delta_qs v_jq)"
PICKED = "-sum_{j in I_i} v_js (r_ij - sum_{q=1}^k u_iq v_jq)"
WRONG = "sum_{j in I_i} v_js e_ij"
ALL = {"only": 1, "inner": 2, "delta": 3, "factor": 2, "goal": 4}


def walk(*lines, task=TASK):
    return judge_derivation("\n".join(lines), task)


def forget():
    for cached in (judge_derivation, derivations._judged, derivations._empty):
        cached.cache_clear()


def reached(*lines):
    return dict(walk(*lines).reached)


# Rows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n  \n\t\n", []),
        ("a\r\nb\rc\n", ["a", "b", "c"]),
        ("# a remark\n  = a\n", ["= a"]),
        ("a # why\n= b# and = c", ["a", "= b"]),
        ("\\begin{align*}\nJ &= a \\\\\n  &= b \\\\[2pt]\n\\end{align*}", ["J = a", "= b"]),
        ("$$\na\n$$", ["a"]),
        # Python has read \f, \b, \t, \r, \a and \v as other characters.
        ("\frac12 \bar x \tilde{e} \right \alpha \varepsilon", None),
        ("\ta\t+ b", ["a\t+ b"]),  # a tab is a tab
    ],
)
def test_rows(text, lines):
    if lines is None:
        lines = [r"\frac12 \bar x \tilde{e} \right \alpha \varepsilon"]
    assert rows(text) == lines


# What counts -------------------------------------------------------------------------------------


def test_each_milestone_counts_once_with_its_line():
    assert reached(ONLY, CHAIN, PICKED, GOAL) == ALL
    assert reached("dJ/du_is", ONLY, ONLY, CHAIN, CHAIN, PICKED, GOAL, GOAL)["goal"] == 7


def test_latex_and_left_sides_are_read():
    lines = [line.latex for line in lecture.gradient_u()]
    assert set(reached(*lines)) == set(ALL)
    assert set(reached(*(f"dJ/du_is = {line}" for line in (ONLY, CHAIN, PICKED, GOAL)))) == set(ALL)


@pytest.mark.parametrize(
    ("lines", "counted"),
    [
        ([GOAL], {"goal": 1}),
        (["dJ/du_is", "dJ/du_is + 0", GOAL], {"goal": 3}),
        ([GOAL, PICKED, CHAIN, ONLY, GOAL], {"goal": 1}),
        ([ONLY, ONLY.replace("j", "l"), f"{ONLY} + 0"], {"only": 1}),
        ([ONLY, GOAL], {"only": 1, "goal": 2}),
        (["dJ/du_is"], {}),
    ],
)
def test_who_pads_or_jumps_has_not_shown_the_steps(lines, counted):
    assert reached(*lines) == counted


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ([ONLY, WRONG, CHAIN, PICKED, GOAL], {"inner"}),
        ([ONLY, WRONG, f"2 {WRONG}", CHAIN, PICKED, GOAL], {"inner"}),  # one place, one share
        ([WRONG, ONLY, CHAIN, PICKED, WRONG, GOAL], {"only", "goal"}),
        ([ONLY, WRONG, "what?", CHAIN, PICKED, GOAL], {"inner"}),  # unread lines change nothing
        ([ONLY, "what?", CHAIN, PICKED, GOAL], set()),
        ([ONLY, CHAIN, PICKED, GOAL, WRONG], set()),
        ([WRONG, GOAL], set(ALL)),
        # A slip that all later lines inherit.
        ([ONLY, CHAIN.replace("(-", "("), PICKED[1:], WRONG], set(ALL) - {"only"}),
        # Typing both signs earns nothing.
        (
            [f"-({ONLY})", ONLY, f"-{CHAIN}", CHAIN, PICKED[1:], PICKED, WRONG, GOAL],
            {"only", "inner", "delta", "goal"},
        ),
    ],
)
def test_a_false_line_costs_the_next_milestone(lines, lost):
    assert set(ALL) - set(reached(*lines)) == lost


def test_the_first_of_each_verdict_is_found():
    found = walk(ONLY, "what?", WRONG, f"2 {WRONG}")
    assert [line.verdict for line in found.lines] == ["proved", "unread", "refuted", "refuted"]
    assert (found.first("refuted"), found.first("unread"), found.first("undecided")) == (3, 2, None)


def test_what_costs_points_is_said():
    assert walk(ONLY, CHAIN, PICKED, GOAL).costs == ()
    assert walk(GOAL, ONLY).costs == (
        "Line 1 is already the goal: steps after it do not count. Delete it, or begin it with #.",
    )
    assert walk(ONLY, ONLY, GOAL).costs == (
        "From line 1 to line 3 is a long jump; the steps inside it do not count.",
    )
    assert walk(f"-1/2 {WRONG} - 1/2 {WRONG}").costs == (
        "From the start to line 1 is a long jump; the steps inside it do not count.",
    )
    assert walk(ONLY, WRONG, f"2 {WRONG}", CHAIN).costs == (
        "Line 2 is false: it costs a step; delete it.",
    )
    repeated = walk(ONLY, ONLY).lines[1].remarks
    assert repeated == ("This is line 1 in another spelling: true, but not a step.",)


def test_a_slip_is_named_although_the_line_before_has_a_delta():
    line = walk(ONLY, CHAIN, "-sum_{j in I_i} e_ij sum_{q=1}^k v_jq").lines[2]
    assert line.message.startswith("A delta is lost: without it all terms of its sum stay.")
    assert "line 2 gives" in line.message


# Bounds ------------------------------------------------------------------------------------------


def test_so_many_lines_of_so_many_characters():
    found = walk(*[ONLY] * (MOST_LINES + 4))
    assert (len(found.lines), found.left_out) == (MOST_LINES, 4)
    long = walk("-sum_{j in I_i} v_js e_ij" + " + 0" * LONGEST_LINE).lines[0]
    assert long.verdict == "unread"
    assert f"at most {LONGEST_LINE} are read" in long.message


def test_after_five_false_lines_no_further_one_is_judged(monkeypatch):
    forget()
    typed = []
    add = Ledger.add
    monkeypatch.setattr(Ledger, "add", lambda self, text: typed.append(text) or add(self, text))
    found = walk(*(f"-{n} sum_{{l in I_i}} v_ls e_il" for n in range(2, 12)), GOAL)
    assert len(typed) == MOST_NOT_PROVED
    assert [line.verdict for line in found.lines] == ["refuted"] * 5 + ["undecided"] * 6
    assert found.lines[-1].message.startswith("Not judged: 5 lines before it are not proved.")
    assert found.reached == ()


def test_a_class_that_types_the_same_lines_costs_as_much_as_one_student(monkeypatch):
    forget()
    typed = []
    add = Ledger.add
    monkeypatch.setattr(Ledger, "add", lambda self, text: typed.append(text) or add(self, text))
    lines = [ONLY.replace("j", "l"), CHAIN, PICKED, GOAL]
    for student in range(40):
        assert walk(*lines, *["\n"] * student).reached
    assert typed == lines
    walk(*lines[:3], WRONG)  # another ending: only that is judged
    assert typed == [*lines, WRONG]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 299,
        "2^{1000000000}",
        "9^{9^{9^{9}}}",
        "sum_{j in I_i} " * 18 + "e_ij",
        "d/du_is " * 30 + "e_ij",
        "\0" * 50,
        "\ud800",
        "__import__('os').system('true')",
        "\\frac" * 50,
        "A" * 100_000,
        "J" + " J" * 140,
        "1\n" * 10_000,
    ],
)
def test_no_text_raises(text):
    found = judge_derivation(text, TASK)
    assert not any(line.verdict == "proved" for line in found.lines)
    assert found.reached == ()


# Tasks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["b_i - b_i", "lambda - lambda", "x_s - x_s", "mu - mu"])
def test_letters_of_other_questions_are_named(letter):
    line = walk(f"{GOAL} + {letter}").lines[0]
    assert line.verdict == "unread"
    assert line.message.startswith(f"The letter {letter.split('_')[0].split()[0]} does not belong")


def test_indices_must_belong_too():
    task = Task("dJ/du_is", GOAL, "J u v r e rhat i j s q")
    assert walk("-sum_{l in I_i} v_ls e_il", task=task).lines[0].message.startswith("The letter l ")
    assert walk(GOAL, task=task).lines[0].verdict == "proved"
    assert walk("[-(W o E) V]_is", task=Task("dJ/du_is", GOAL)).lines[0].verdict != "unread"


def test_what_is_wrong_with_a_task_is_said():
    assert problems(TASK, tuple(ALL)) == []
    assert "does not follow" in problems(Task("dJ/du_is", WRONG), ("goal",))[0]
    assert problems(Task("dJ/du_is", "dJ/du_"), ("goal",))
    assert (
        "The letter lambda"
        in problems(Task("dJ^ridge/du_is", f"{GOAL} + lambda u_is", LETTERS), ("goal",))[0]
    )
    never = problems(Task(ONLY, GOAL), ("only", "goal"))
    assert never == [
        "the way from start to goal has no milestone only, only inner, delta, factor, goal"
    ]


def test_tasks_are_proved_once(monkeypatch):
    forget()
    made = []
    monkeypatch.setattr(derivations, "Ledger", lambda **what: made.append(what) or Ledger(**what))
    for text in ("a", "b", GOAL):
        judge_derivation(text, Task("dJ/dv_jt", "-sum_{i in U_j} u_it e_ij"))
    assert len(made) == 1
