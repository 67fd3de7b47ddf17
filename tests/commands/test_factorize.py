"""``mfteach factorize``: an honest test of what it says, writes and refuses."""

import argparse
import errno
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from cases import some

from mfteach import DivergenceError, Factors, Ratings, datasets
from mfteach.commands import factorize
from mfteach.console import UsageError
from mfteach.evaluation import rmse
from mfteach.recommender import MatrixFactorization


def command(*arguments):
    parser = argparse.ArgumentParser(prog="mfteach")
    factorize.add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["factorize", *map(str, arguments)])
    return parsed.run(parsed)


def write(path, ratings, header="userId,movieId,rating,timestamp"):
    lines = [
        f"{user},{item},{value!r},0"
        for user, item, value in zip(
            ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist(), strict=True
        )
    ]
    path.write_text("\n".join([header, *lines]))
    return path


def with_biases(n_users=60, n_items=40, density=0.6):
    """Ratings of 3.5 + b_i + c_j + two planted factors + a little noise."""
    planted, _ = datasets.planted(n_users, n_items, 2, density, 0.1, rng=0)
    rng = np.random.default_rng(1)
    b, c = rng.normal(size=n_users), rng.normal(size=n_items)
    values = 3.5 + planted.values + b[planted.user_index] + c[planted.item_index]
    return planted.with_values(values)


@pytest.fixture(scope="module")
def ratings_csv(tmp_path_factory):
    return write(tmp_path_factory.mktemp("planted") / "ratings.csv", with_biases())


@pytest.mark.usefixtures("bars")
def test_the_whole_command(ratings_csv, tmp_path, capsys):
    output = tmp_path / "factors.npz"
    before = ratings_csv.read_bytes()
    assert command(ratings_csv, "--n-factors", 2, "--output", output) == 0
    out, err = capsys.readouterr()
    assert "60 users, 40 items, 1,440 ratings" in out
    assert "split: 1,166 to learn, 130 to choose, 144 to test" in out
    settings = r"regularization [\d.e-]+, n_epochs \d+, learning_rate 0\.\d+"
    assert re.search(rf"chosen on the validation part: {settings}", out)
    assert re.search(rf"wrote {re.escape(str(output))} in \d+ s", out)
    assert "choosing the settings" in err
    assert ratings_csv.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["factors.npz"]

    # Whatever it printed can be had again from the file that it wrote and its seeded split.
    figures = dict(re.findall(r"^  (\S.*\S) +(\d\.\d{4})$", out, re.MULTILINE))
    ratings = Ratings.read_csv(ratings_csv)
    train, test = ratings.split(0.1, np.random.default_rng(0))
    with np.load(output, allow_pickle=False) as saved:
        assert saved["user_labels"].tolist() == ratings.user_labels.tolist()
        assert saved["item_labels"].tolist() == ratings.item_labels.tolist()
        table = saved["mean"] + saved["user_bias"][:, None] + saved["item_bias"]
        mean = float(saved["mean"])
    factors = Factors.load(output)
    assert factors.n_factors == 2

    def score(matrix):
        return f"{rmse(test.values, matrix[test.user_index, test.item_index]):.4f}"

    assert figures["global mean"] == score(np.full(ratings.shape, train.values.mean()))
    assert figures["biases"] == score(table)
    assert figures["factors"] == score(factors.matrix())
    assert mean == pytest.approx(train.values.mean())
    assert float(figures["factors"]) < 0.8 * float(figures["biases"])
    assert float(figures["biases"]) < 0.9 * float(figures["global mean"])


@pytest.mark.no_cover
def test_it_repeats_itself_for_a_seed_and_only_for_one(ratings_csv, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        command(ratings_csv, "--output", tmp_path / f"{name}.npz", "--seed", seed)
    a, b, c = (np.asarray(Factors.load(tmp_path / f"{name}.npz")) for name in "abc")
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_the_number_of_factors_and_other_column_names(tmp_path, capsys):
    csv = write(tmp_path / "r.csv", with_biases(20, 15), header="who,what,stars,when")
    output = tmp_path / "f.npz"
    columns = ("--users", "who", "--items", "what", "--values", "stars")
    assert command(csv, *columns, "--output", output, "--n-factors", 3, "--solver", "gd") == 0
    assert Factors.load(output).n_factors == 3
    assert Factors.load(output).shape == (20, 15)
    assert "20 users, 15 items" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("most", "wanted", "solver", "said"),
    [
        (200, (), "als", True),
        (200, ("--solver", "gd"), "gd", False),
        (10**6, (), "gd", False),
        (200, ("--tune",), "als", False),
    ],
)
def test_with_many_ratings_the_default_is_als_and_it_says_so(
    most, wanted, solver, said, ratings_csv, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(factorize, "MOST_RATINGS_FOR_GD", most)
    output = tmp_path / "f.npz"
    assert command(ratings_csv, "--output", output, *wanted) == 0
    assert MatrixFactorization.load(output).solver == solver
    assert ("solver: als, for plain gradient descent" in capsys.readouterr().out) == said


def test_the_unseen_get_the_baseline_and_are_counted(tmp_path, capsys):
    """Users 900... have one rating each: those whose rating is tested were never seen."""
    common = with_biases(30, 20)
    ones = range(900, 960)
    ratings = Ratings(
        [*common.users.tolist(), *ones],
        [*common.items.tolist(), *[int(user % 20) for user in ones]],
        [*common.values.tolist(), *[3.0] * 60],
    )
    csv, output = write(tmp_path / "r.csv", ratings), tmp_path / "f.npz"
    command(csv, "--output", output)
    train, test = Ratings.read_csv(csv).split(0.1, np.random.default_rng(0))
    unseen = set(test.user_index.tolist()) - set(train.user_index.tolist())
    assert len(unseen) > 2
    message = f"{len(unseen)} test pairs have an unseen user ({len(unseen)}) or film (0)"
    assert message in capsys.readouterr().out
    with np.load(output, allow_pickle=False) as saved:
        assert not saved["U"][list(unseen)].any()
        assert not saved["user_bias"][list(unseen)].any()
        assert saved["U"][sorted(set(train.user_index.tolist()))].all()


def test_the_test_part_decides_nothing(ratings_csv, tmp_path, monkeypatch):
    """Other values in the test part leave every written number as it was."""
    ratings = Ratings.read_csv(ratings_csv)
    rng = np.random.default_rng(0)
    positions = ratings.with_values(np.arange(len(ratings))).split(0.1, rng)[1].values.astype(int)
    values = ratings.values.copy()
    values[positions] = 1.0
    other = write(tmp_path / "other.csv", ratings.with_values(values))
    for name, csv in (("a", ratings_csv), ("b", other)):
        command(csv, "--output", tmp_path / f"{name}.npz")
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        assert sorted(a.files) == sorted(b.files)
        for name in a.files:
            assert np.array_equal(a[name], b[name]), name


@pytest.mark.parametrize("solver", ["gd", "sgd", "als", "cg"])
@pytest.mark.parametrize("tuned", some([True, False], 1))
def test_a_refit_with_the_saved_settings_gives_the_saved_factors(
    solver, tuned, ratings_csv, tmp_path
):
    output = tmp_path / "m.npz"
    options = ("--solver", solver, "--n-factors", 3, "--seed", 7, *["--tune"] * tuned)
    assert command(ratings_csv, *options, "--output", output) == 0
    saved = MatrixFactorization.load(output)
    assert saved.solver == solver
    again = MatrixFactorization(**saved.get_params()).fit(saved.ratings_)
    for name in ("U", "V", "user_bias", "item_bias", "mean"):
        assert np.array_equal(getattr(again.factors_, name), getattr(saved.factors_, name)), name
    assert again.factors_.U.dtype == saved.factors_.U.dtype
    assert again.fitted_on_ == saved.fitted_on_
    other = MatrixFactorization(**saved.get_params() | {"rng": 8}).fit(saved.ratings_)
    assert not np.array_equal(other.factors_.U, saved.factors_.U)


def test_divergence_is_one_line_with_a_cure(ratings_csv, tmp_path, monkeypatch):
    def diverge(self, *_, **__):
        raise DivergenceError("", 3, 0.04, 0.02)

    monkeypatch.setattr(MatrixFactorization, "fit", diverge)
    with pytest.raises(UsageError, match=r"diverged with learning_rate=0\.04: choose --solver als"):
        command(ratings_csv, "--solver", "sgd", "--output", tmp_path / "f.npz")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("userId,movieId,rating\n1,2,x\n", "r.csv, line 2: 'x' is not a number"),
        ("userId,movieId,rating\n1,2,nan\n", "r.csv, line 2 is nan"),
        ("userId,movieId\n1,2\n", "r.csv has no column 'rating'"),
        ("userId,movieId,rating\n1,2,3\n1,2,4\n", "user 1 rated item 2 twice"),
        ("userId,movieId,rating\n1,2,3\n1,3,4\n", "of 2 ratings leaves one part empty"),
        ("", "r.csv is empty"),
    ],
)
def test_bad_ratings_are_one_line_and_no_file(tmp_path, text, message):
    csv = tmp_path / "r.csv"
    csv.write_text(text)
    with pytest.raises(UsageError, match=message) as error:
        command(csv, "--output", tmp_path / "f.npz")
    assert "\n" not in str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == ["r.csv"]


def test_ratings_too_large_to_square_are_refused(tmp_path):
    ratings = with_biases(20, 15)
    csv = write(tmp_path / "r.csv", ratings.with_values(1e160 * ratings.values))
    with pytest.raises(UsageError, match=r"a rating of size \S+e\+1\d\d is too large to square"):
        command(csv, "--output", tmp_path / "f.npz")
    assert not (tmp_path / "f.npz").exists()


def test_bad_outputs_are_refused_before_the_work(ratings_csv, tmp_path, monkeypatch):
    def never(*_, **__):
        raise AssertionError("the ratings were read before the output was checked")

    monkeypatch.setattr(Ratings, "read_csv", never)
    (tmp_path / "folder.npz").mkdir()
    for output, message in (
        (tmp_path / "f.txt", "the name of a NumPy archive ends in .npz"),
        (tmp_path / "nowhere" / "f.npz", "there is no folder .*nowhere; make it first"),
        (tmp_path / "folder.npz", "cannot be written there"),
    ):
        with pytest.raises(UsageError, match=message):
            command(ratings_csv, "--output", output)

    def refuse(**_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(UsageError, match="cannot be written there: Permission denied"):
        command(ratings_csv, "--output", tmp_path / "f.npz")


def test_what_can_fail_fails_before_the_fit(ratings_csv, tmp_path, monkeypatch, capsys):
    """The titles and the room on the disk are looked at before minutes of work."""

    def never(model, X, y=None, *, validation=None):
        raise AssertionError("the model was fitted first")

    monkeypatch.setattr(MatrixFactorization, "fit", never)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 10**4, 10**4)
    )
    with pytest.raises(UsageError, match=r"f\.npz: it needs about 0\.0 MB, and there are 0\.0 MB"):
        command(ratings_csv, "--output", tmp_path / "f.npz")
    monkeypatch.undo()
    monkeypatch.setattr(MatrixFactorization, "fit", never)
    csv = write(tmp_path / "r.csv", with_biases(20, 15))
    (tmp_path / "movies.csv").write_text("movieId,title\n1,Nero\n1,Cleopatra\n")
    with pytest.raises(AssertionError, match="fitted first"):
        command(csv, "--output", tmp_path / "f.npz")
    assert "no titles: the films beside r.csv cannot be read" in capsys.readouterr().out


def full_disk(times, monkeypatch):
    """The first so many archives cannot be written."""
    savez, calls = np.savez, []

    def write_or_fail(file, **contents):
        calls.append(file)
        if len(calls) <= times:
            file.write(b"PK half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        savez(file, **contents)

    monkeypatch.setattr(np, "savez", write_or_fail)


@pytest.mark.parametrize("times", [1, 2])
def test_a_disk_that_fills_during_the_work_costs_nothing(
    times, ratings_csv, tmp_path, monkeypatch, capsys
):
    temporary, home = tmp_path / "temporary", tmp_path / "home"
    for folder in (temporary, home):
        folder.mkdir()
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(temporary))
    monkeypatch.setattr(Path, "home", lambda: home)
    output = tmp_path / "f.npz"
    output.write_bytes(b"what stood here before")
    full_disk(times, monkeypatch)
    with pytest.raises(UsageError, match=r"No space left.*was written to .* instead") as error:
        command(ratings_csv, "--solver", "als", "--output", output)
    place = Path(re.search(r"written to (\S+) instead", str(error.value))[1])
    assert place.is_relative_to([temporary, home][times - 1])
    assert MatrixFactorization.load(place).solver == "als"
    assert output.read_bytes() == b"what stood here before"
    assert sorted(tmp_path.rglob("*.npz")) == sorted([output, place])
    assert "factors" in capsys.readouterr().out


def test_where_no_disk_has_room_the_figures_are_said_at_least(
    ratings_csv, tmp_path, monkeypatch, capsys
):
    full_disk(99, monkeypatch)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"f\.npz: No space left on device, nor is there room in"):
        command(ratings_csv, "--tune", "--output", tmp_path / "f.npz")
    out = capsys.readouterr().out
    assert re.search(r"chosen on the validation part: regularization \d", out)
    assert re.search(r"  factors +\d\.\d{4}", out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(errno.ENOSPC, "No space left")])
@pytest.mark.parametrize("line", ["chosen on the validation part", "test RMSE", "  factors"])
def test_a_console_that_breaks_off_does_not_cost_the_model(
    ratings_csv, tmp_path, monkeypatch, line, error
):
    def printed(text, **_):
        if text.startswith(line):
            raise error

    monkeypatch.setattr(factorize, "print", printed, raising=False)
    monkeypatch.setattr(factorize, "GRIDS", {"als": {"regularization": (1.0,)}})
    with pytest.raises((BrokenPipeError, UsageError)):
        command(ratings_csv, "--tune", "--solver", "als", "--output", tmp_path / "f.npz")
    assert MatrixFactorization.load(tmp_path / "f.npz").solver == "als"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.csv"):
        command(tmp_path / "none.csv", "--output", tmp_path / "f.npz")


@pytest.mark.parametrize(
    ("option", "value"), [("--n-factors", "0"), ("--n-factors", "two"), ("--solver", "magic")]
)
def test_bad_options_are_exit_status_2(ratings_csv, option, value, capsys):
    with pytest.raises(SystemExit) as stop:
        command(ratings_csv, option, value)
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert f"argument {option}: " in err
    assert value in err


def test_an_interrupted_run_leaves_the_old_file(ratings_csv, tmp_path, monkeypatch):
    output = tmp_path / "f.npz"
    output.write_bytes(b"what stood here before")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupt)
    with pytest.raises(KeyboardInterrupt):
        command(ratings_csv, "--output", output)
    assert output.read_bytes() == b"what stood here before"
    assert [file.name for file in tmp_path.iterdir()] == ["f.npz"]


DATA = os.environ.get("MFTEACH_DATA")


@pytest.mark.skipif(not DATA, reason="MFTEACH_DATA is not set: no real ratings to factorize")
def test_real_ratings_beat_the_biases(tmp_path, capsys):
    homes = (Path(DATA), Path(DATA) / "ml-latest-small")
    csv = next(home / "ratings.csv" for home in homes if (home / "ratings.csv").is_file())
    began = time.process_time()  # of all threads; a busy machine does not lengthen it
    assert command(csv, "--output", tmp_path / "f.npz") == 0
    assert time.process_time() - began < 60
    out = capsys.readouterr().out
    figures = dict(re.findall(r"^  (\S.*\S) +(\d\.\d{4})$", out, re.MULTILINE))
    assert float(figures["global mean"]) == pytest.approx(1.05, abs=0.02)
    assert float(figures["biases"]) == pytest.approx(0.868, abs=0.015)
    assert float(figures["factors"]) <= float(figures["biases"]) - 0.003


# ---- scale, and factors of no use


def figures_of(out):
    return {
        name: float(figure)
        for name, figure in re.findall(r"^  (\S.*\S) +([\d.e+-]{4,12})$", out, re.M)
    }


@pytest.mark.parametrize(
    "options",
    [("--solver", "als"), ("--solver", "als", "--tune"), ("--solver", "sgd", "--tune"), ()],
)
def test_every_solver_follows_the_scale(options, ratings_csv, tmp_path, capsys):
    ratings = Ratings.read_csv(ratings_csv)
    moved = write(tmp_path / "r.csv", ratings.with_values(20 * ratings.values - 3))
    shown = []
    for csv in (ratings_csv, moved):
        assert command(csv, "--n-factors", 2, *options, "--output", tmp_path / "f.npz") == 0
        shown.append(figures_of(capsys.readouterr().out))
    for name in ("global mean", "biases", "factors"):
        assert shown[1][name] == pytest.approx(20 * shown[0][name], rel=2e-3)
    assert shown[0]["factors"] < 0.8 * shown[0]["biases"]


def test_factors_that_lose_are_one_line_with_a_cure(tmp_path, capsys):
    rng = np.random.default_rng(3)
    i, j = np.divmod(np.sort(rng.choice(600, 240, replace=False)), 20)
    noise = Ratings(i, j, rng.integers(1, 6, 240).astype(float))
    csv = write(tmp_path / "r.csv", noise)
    for seed in range(6):
        for options, cure in (((), "choose settings with --tune"), (("--tune",), "more ratings")):
            output = ("--solver", "als", "--seed", seed, "--output", tmp_path / "f.npz")
            assert command(csv, *options, *output) == 0
            out, err = capsys.readouterr()
            shown = figures_of(out)
            factors = shown.pop("factors")
            baseline = min(shown, key=shown.get)
            line = f"the factors predict no better than the {baseline} alone: {cure}"
            assert "Warning" not in out + err
            assert (line in out) == (factors >= shown[baseline])


NUMBERS = np.arange(30)
COUNTS = np.where(NUMBERS * 7 % 30 == 0, 90_000.0, NUMBERS % 4 + 1)
USELESS = {
    "one user": (
        Ratings(np.ones(30, int), NUMBERS, NUMBERS % 5),
        "several users and several items",
    ),
    "one item": (
        Ratings(NUMBERS, np.ones(30, int), NUMBERS % 5),
        "several users and several items",
    ),
    "each user once": (Ratings(NUMBERS, NUMBERS % 4, NUMBERS % 5), "more ratings than there are"),
    "play counts": (
        Ratings(np.repeat(NUMBERS, 10), np.tile(NUMBERS[:10], 30), np.resize(COUNTS, 300)),
        "take logarithms, or leave those out",
    ),
}


@pytest.mark.parametrize("name", some(USELESS, 2))
def test_why_factors_are_of_no_use_is_said_at_once(name, tmp_path, capsys):
    ratings, cure = USELESS[name]
    csv = write(tmp_path / "r.csv", ratings)
    for options in (("--solver", "als"), ("--solver", "als", "--tune"), ("--solver", "gd")):
        assert command(csv, *options, "--output", tmp_path / "f.npz") == 0
        out = capsys.readouterr().out
        shown = figures_of(out)
        factors = shown.pop("factors")
        assert (cure in out) == (factors >= min(shown.values()))
        assert "--tune" not in out
    if name == "play counts":
        command(write(tmp_path / "log.csv", ratings.with_values(np.log(ratings.values))))
        assert "take logarithms" not in capsys.readouterr().out


def test_more_factors_than_can_be_of_use_are_refused_before_the_work(tmp_path):
    csv = write(tmp_path / "r.csv", with_biases(20, 15))
    for asked in (5000, 999_999_999):
        with pytest.raises(
            UsageError, match=r"--n-factors must be at most 100 .* --n-factors 100$"
        ):
            command(csv, "--n-factors", asked, "--output", tmp_path / "f.npz")
    assert [file.name for file in tmp_path.iterdir()] == ["r.csv"]


def test_with_many_factors_least_squares_are_taken(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(factorize, "MOST_RATINGS_FOR_GD", 1000)
    csv = write(tmp_path / "r.csv", with_biases(20, 15))
    for asked, faster in ((10, False), (90, True)):
        assert command(csv, "--n-factors", asked, "--output", tmp_path / "f.npz") == 0
        assert ("solver: als" in capsys.readouterr().out) == faster


@pytest.mark.parametrize(("c", "d"), [(1e-9, 0), (1, 1e7), (1e12, 0)])
def test_what_biases_leave_is_something_at_every_size(c, d, tmp_path, capsys):
    values = c * (1 + NUMBERS * 7 % 5) + d
    csv = write(tmp_path / "r.csv", Ratings(NUMBERS // 5, NUMBERS % 5, values))
    assert command(csv, "--solver", "gd", "--n-factors", 1, "--output", tmp_path / "f.npz") == 0
    out = capsys.readouterr().out
    assert "the biases explain every rating" not in out
    shown = figures_of(out)
    assert 0.1 * c < shown["biases"] < 10 * c


def test_ratings_that_hardly_differ_are_refused_where_they_would_be_rounded(tmp_path):
    values = 1e7 + NUMBERS * 7 % 5
    for shift in (0, 1e7):
        csv = write(tmp_path / "r.csv", Ratings(NUMBERS // 5, NUMBERS % 5, values - shift))
        arguments = (csv, "--solver", "als", "--n-factors", 1, "--output", tmp_path / "f.npz")
        if shift:
            assert command(*arguments) == 0
            continue
        with pytest.raises(UsageError, match=r"float32\. Subtract the same number from all$"):
            command(*arguments)


def test_where_biases_explain_all_no_cure_is_named(tmp_path, capsys):
    i, j = np.divmod(np.arange(30), 5)
    csv = write(tmp_path / "r.csv", Ratings(i, j, np.full(30, 4.0)))
    for options in ((), ("--tune",)):
        output = ("--solver", "als", "--output", tmp_path / "f.npz")
        assert command(csv, *options, *output) == 0
        out = capsys.readouterr().out
        assert "the biases explain every rating: there is nothing left for factors" in out
        assert "no better than the biases" not in out


def test_factors_of_0_are_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(factorize, "_model", lambda arguments, solver: MatrixFactorization(
        2, solver, regularization=1e4, rng=0
    ))  # fmt: skip
    csv = write(tmp_path / "r.csv", with_biases(20, 15))
    assert command(csv, "--solver", "als", "--output", tmp_path / "f.npz") == 0
    out, err = capsys.readouterr()
    assert "all factors are 0: in so few ratings, nothing can be told from noise\n" in out
    assert "Warning" not in out + err
