"""The race with other libraries: who runs when, and what is made of the times."""

import pytest

from benchmarks import race as racing
from benchmarks.goals import ALS, CG, GOALS, SGD, Figure, Race
from benchmarks.history import History
from benchmarks.racer import EPOCHS, ONCE, SLOW, Racer
from mfteach import datasets

RATINGS = datasets.planted(30, 20, 2, 0.5, 0.3, rng=0).ratings


class Bar:
    """A progress bar that nobody looks at."""

    def set_postfix_str(self, words):
        """Show nothing."""


class Pretended(Racer):
    """A contender whose times are known, and whose process is slow after it has waited."""

    def __init__(self, name, epoch, set_up=0.1, waiting=0.0, threads=1, rmse=0.9):
        super().__init__(name, threads, [], None)
        self.epoch, self.set_up, self.waiting, self.reached = epoch, set_up, waiting, rmse
        self.ran, self.asked, self.last = [], [], True

    def run(self, n_epochs, settings=None):
        """Take the time of so many epochs; the first run of a turn takes longer."""
        seconds = self.set_up + n_epochs * self.epoch + self.waiting * self.last
        self.last = False
        self.ran.append(n_epochs)
        found = self.reached + 1 / n_epochs
        return {"seconds": seconds, "bytes": len(self.ran), "rmse": found, "J": None, "helpers": 0}

    def take_turn(self):
        """As any other, after a time of waiting."""
        self.last = True
        super().take_turn()

    def ask(self, question, number):
        """Answer in the time of an epoch."""
        self.asked.append(question)
        self.answers.setdefault(question, []).append(self.epoch)


def raced(*racers, k=64, ratings=RATINGS):
    """A race in which each of them has had one round."""
    racing.run_round(racers, 0, Bar())
    return Race("pretended", ratings, k, list(racers), 1e9)


@pytest.mark.parametrize("waiting", [0.0, 0.1, 50.0])
def test_waiting_changes_no_epoch(waiting):
    racer = Pretended(SGD, 0.01, 0.2, waiting)
    for _ in range(3):
        racer.take_turn()
    half, most = EPOCHS["SGD"][len(EPOCHS["SGD"]) // 2], EPOCHS["SGD"][-1]
    assert racer.ran == 3 * [half, half, most, most, half]
    assert racer.slope == pytest.approx(0.01)
    assert racer.takes == pytest.approx(0.2 + most * 0.01)
    assert racer.seconds(4) == pytest.approx(0.24)
    assert racer.bytes == 1, "the peak of memory is that of the first run"


def test_one_slow_moment_changes_no_epoch():
    racer = Pretended(SGD, 0.01)
    for _ in range(3):
        racer.take_turn()
    racer.runs[20][1] += 9.0
    racer.runs[10][3] -= 0.05
    assert racer.slope == pytest.approx(0.01)


def test_who_takes_long_runs_for_half_and_for_all_once():
    racer = Pretended("LensKit ALS", ONCE)
    racer.take_turn()
    assert racer.ran == [4, 4, 10]


def test_the_first_round_shows_the_rmse_on_the_way_and_the_slow_have_no_second_turn():
    quick, slow, long = (Pretended(ALS, epoch) for epoch in (0.01, 0.15, 0.5))
    assert SLOW < 10 * slow.epoch < racing.LONG < 10 * long.epoch
    raced(quick, slow, long)
    for racer in (quick, slow):
        assert set(racer.rmse) == set(EPOCHS["ALS"])
    assert set(long.rmse) == {4, 10}
    before = [len(racer.ran) for racer in (quick, slow, long)]
    racing.run_round((quick, slow, long), 1, Bar())
    assert [len(racer.ran) for racer in (quick, slow, long)] == [before[0] + 5, *before[1:]]


def test_who_failed_has_no_turn():
    racer = Pretended(SGD, 0.01)
    racer.error = "it died"
    racing.run_round([racer], 0, Bar())
    assert racer.ran == []


@pytest.mark.parametrize(("ratio", "again"), [(0.3, 0), (0.6, 3), (0.7, 3), (0.9, 0)])
def test_an_epoch_near_its_goal_is_measured_again(ratio, again):
    ours, peer = Pretended(SGD, 0.01 * ratio), Pretended("cornac SGD", 0.01, rmse=1.1)
    race = raced(ours, peer)
    before = len(ours.ran), len(peer.ran)
    racing.measure_again(race, Bar())
    assert (len(ours.ran), len(peer.ran)) == (before[0] + 5 * again, before[1] + 5 * again)


def test_the_slow_are_measured_again_once():
    ours, peer = Pretended(ALS, 0.11), Pretended("LensKit ALS", 0.2)
    race = raced(ours, peer)
    before = len(ours.ran), len(peer.ran)
    racing.measure_again(race, Bar())
    assert (len(ours.ran), len(peer.ran)) == (before[0] + 5, before[1] + 5)


def test_a_time_to_a_target_near_its_goal_is_measured_again_without_the_slow():
    ours, peer = Pretended(CG, 0.0, 0.07, rmse=0.0), Pretended("cornac SGD", 0.005, rmse=0.5)
    slow = Pretended("LensKit ALS", 0.5)
    race = raced(ours, peer, slow)
    (goal,) = (goal for goal in GOALS if goal.near(race))
    assert goal.title.startswith("time to the best peer's RMSE")
    assert goal.measured(race).value == pytest.approx(0.35)
    before = len(peer.ran), len(slow.ran)
    racing.measure_again(race, Bar())
    assert (len(peer.ran), len(slow.ran)) == (before[0] + 15, before[1])


@pytest.mark.parametrize(("ratio", "again"), [(0.2, 0), (0.33, 7), (0.37, 7), (0.45, 0)])
def test_answers_near_their_goal_are_asked_for_again(ratio, again):
    ours, peer = Pretended(ALS, 0.01 * ratio), Pretended("implicit CG", 0.01)
    for racer in (ours, peer):
        racer.ask("recommend", 1000)
    race = Race("pretended", RATINGS, 64, [ours, peer], 1e9)
    racing.measure_again(race, Bar())
    assert ours.asked == peer.asked == (1 + again) * ["recommend"]


def test_what_the_set_has_no_goal_for_is_not_near_it():
    large = datasets.planted(600, 500, 2, 0.7, 0.3, rng=0).ratings
    assert len(large) > 200_000
    one, two = Pretended(ALS, 0.02), Pretended(ALS, 0.013, threads=2)
    for racer in (one, two):
        racer.take_turn()
        racer.helpers = racer.threads - 1
    (goal,) = (goal for goal in GOALS if goal.title == "exact ALS: two threads to one")
    assert goal.near(Race("small", RATINGS, 64, [one, two], 1e9))
    assert not goal.near(Race("large", large, 64, [one, two], 1e9))


def test_the_history_shows_the_last_runs_and_keeps_what_it_had(tmp_path):
    path = tmp_path / "history.csv"
    for number in range(5):
        History(path).add(f"day {number}", "a set", 16, {"figure": number / 8}, 1.01)
    assert History(path).earlier("a set", 16, "figure") == [0.25, 0.375, 0.5]
    assert History(path).earlier("a set", 32, "figure") == []
    assert len(path.read_text().splitlines()) == 6


def test_peers_that_are_not_there_are_named(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        racing.main(["--peers", str(tmp_path / "python")])
    assert end.value.code == 2
    assert f"no Python at {tmp_path / 'python'}: make bench installs one" in capsys.readouterr().err


def test_the_verdict_of_a_figure():
    def row(value, reach=0.65):
        return racing.verdict("a figure", reach, Figure(value, "why"), [0.5])

    assert row(0.65).endswith("| 0.650 (why) | 0.500 | reached |")
    assert row(0.6501).endswith("| NOT reached |")
    assert row(9.0, None).startswith("| a figure | no goal | 9.000")
    missing = racing.verdict("a figure", 0.65, "no peers", [])
    assert missing == "| a figure | 0.65 or less | - (no peers) | | not measured |"
