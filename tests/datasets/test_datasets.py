"""History/Romance has a file of its own; here: planted truths, and MovieLens near and far."""

import os
import socket
import zipfile

import numpy as np
import pooch
import pytest
from numpy.testing import assert_allclose

from mfteach import datasets
from mfteach.datasets.movielens import DOWNLOADS
from mfteach.loss import predictions

SMALL = "userId,movieId,rating,timestamp\n1,31,2.5,1\n7,31,0.5,2\n7,1029,3.0,3\n"
HUNDRED_K = "196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t302\t1\t878887116\n"


@pytest.fixture(autouse=True)
def no_data(monkeypatch, tmp_path):
    """Every test starts without MFTEACH_DATA, in an empty folder, and without a network."""
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    monkeypatch.chdir(tmp_path)

    def refuse(*arguments, **options):
        raise OSError("the test has no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def folder(path, name, text):
    path.mkdir(parents=True)
    (path / name).write_text(text)
    (path / "README.txt").write_text("of GroupLens")
    return path


def zipped(path, member, text, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("README.txt", "of GroupLens")
        archive.writestr(member, text)
    return path


def triples(ratings):
    columns = (ratings.users.tolist(), ratings.items.tolist(), ratings.values.tolist())
    return list(zip(*columns, strict=True))


OF_SMALL = [(1, 31, 2.5), (7, 31, 0.5), (7, 1029, 3)]
OF_HUNDRED_K = [(196, 242, 3), (186, 302, 3), (196, 302, 1)]


# MovieLens


def test_both_layouts_as_folder_and_as_zip(tmp_path):
    small = folder(tmp_path / "small", "ratings.csv", SMALL)
    hundred_k = folder(tmp_path / "hundred_k", "u.data", HUNDRED_K)
    for place in (small, str(small), zipped(tmp_path / "s.zip", "ml/ratings.csv", SMALL)):
        assert triples(datasets.movielens(place)) == OF_SMALL
    for place in (hundred_k, zipped(tmp_path / "h.zip", "ml-100k/u.data", HUNDRED_K)):
        assert triples(datasets.movielens(place)) == OF_HUNDRED_K


def test_a_name_is_looked_for_in_mfteach_data(tmp_path, monkeypatch):
    home = tmp_path / "data"
    folder(home / "ml-latest-small", "ratings.csv", SMALL)
    zipped(home / "ml-100k.zip", "ml-100k/u.data", HUNDRED_K)
    monkeypatch.setenv("MFTEACH_DATA", str(home))
    assert triples(datasets.movielens()) == OF_SMALL
    assert triples(datasets.movielens("ml-latest-small")) == OF_SMALL
    assert triples(datasets.movielens("ml-100k")) == OF_HUNDRED_K
    monkeypatch.setenv("MFTEACH_DATA", str(home / "ml-latest-small"))
    assert triples(datasets.movielens()) == OF_SMALL


def test_a_path_is_a_path_even_if_it_ends_in_a_name(tmp_path, monkeypatch):
    folder(tmp_path / "data" / "ml-latest-small", "ratings.csv", SMALL)
    mine = folder(tmp_path / "mine" / "ml-latest-small", "ratings.csv", SMALL.replace("31", "32"))
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path / "data"))
    assert triples(datasets.movielens(mine))[0] == (1, 32, 2.5)
    with pytest.raises(FileNotFoundError, match=r"no ratings at '.*nowhere/ml-latest-small'"):
        datasets.movielens(tmp_path / "nowhere" / "ml-latest-small")


def test_missing_data_says_how_to_get_it(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError) as error:
        datasets.movielens()
    assert str(error.value) == (
        "ml-latest-small is not here (MFTEACH_DATA is not set). Set MFTEACH_DATA to the folder "
        "that holds the folder ml-latest-small, or call "
        "mfteach.datasets.movielens('ml-latest-small', download=True)"
    )
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"MFTEACH_DATA={tmp_path} has no ml-100k"):
        datasets.movielens("ml-100k")
    for download in (False, True):
        with pytest.raises(FileNotFoundError, match=r"the known names are ml-latest-small, .*-32m"):
            datasets.movielens("ml-99m", download=download)


def test_damaged_files_are_named(tmp_path):
    bad = folder(tmp_path / "bad", "ratings.csv", SMALL + "8,31,five,4\n")
    with pytest.raises(ValueError, match=r"ratings\.csv, line 5: 'five' is not a number"):
        datasets.movielens(bad)
    bad = folder(tmp_path / "worse", "u.data", HUNDRED_K + "1\t2\n")
    with pytest.raises(ValueError, match=r"u\.data, line 4 has 2 columns instead of 4"):
        datasets.movielens(bad)
    place = zipped(tmp_path / "z.zip", "ml/ratings.csv", SMALL + "8,31,,4\n")
    with pytest.raises(ValueError, match=r"ratings\.csv, line 5: '' is not a number"):
        datasets.movielens(place)


def test_places_without_ratings_are_named(tmp_path):
    empty = folder(tmp_path / "empty", "films.csv", "")
    for place in (empty, zipped(tmp_path / "empty.zip", "films.csv", "")):
        with pytest.raises(FileNotFoundError, match=f"{place.name} holds neither ratings.csv nor"):
            datasets.movielens(place)
    text = tmp_path / "text.zip"
    text.write_text("not a zip file")
    with pytest.raises(
        ValueError, match=r"text\.zip has no column 'userId'; its columns are not, a"
    ):
        datasets.movielens(text)


def test_a_damaged_zip_file_is_no_surprise(tmp_path):
    """Ratings that still look like ratings: only the archive's own checksum can notice."""
    place = zipped(tmp_path / "ml.zip", "ratings.csv", SMALL, zipfile.ZIP_STORED)
    content = place.read_bytes()
    assert content.count(b"1029,3.0") == 1
    place.write_bytes(content.replace(b"1029,3.0", b"1029,4.0"))
    with pytest.raises(ValueError, match=r"ml\.zip is damaged; get a new copy"):
        datasets.movielens(place)


def test_a_zip_file_that_does_not_unpack_is_no_surprise(tmp_path):
    place = zipped(tmp_path / "ml.zip", "ratings.csv", SMALL, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(place) as archive:
        begin = archive.getinfo("ratings.csv").header_offset + 30 + len("ratings.csv")
    content = bytearray(place.read_bytes())
    content[begin] |= 0b110  # a kind of block that does not exist
    place.write_bytes(content)
    with pytest.raises(ValueError, match=r"ml\.zip is damaged; get a new"):
        datasets.movielens(place)


# Downloads


def test_a_download_without_a_network_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache")
    with pytest.raises(ConnectionError) as error:
        datasets.movielens("ml-100k", download=True)
    message = str(error.value)
    assert message.startswith("ml-100k could not be downloaded from https://files.grouplens.org/")
    assert "check the network, or set MFTEACH_DATA to a copy" in message
    assert "\n" not in message


def test_a_download_is_asked_for_once_with_its_checksum(tmp_path, monkeypatch):
    asked = []
    fetched = zipped(tmp_path / "fetched.zip", "ml-100k/u.data", HUNDRED_K)

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash, fname))
        return str(fetched)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert triples(datasets.movielens("ml-100k", download=True)) == OF_HUNDRED_K
    (url, known_hash, name), = asked  # fmt: skip
    assert url == "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
    assert known_hash == "sha256:" + DOWNLOADS["ml-100k"].sha256
    assert len(known_hash) == len("sha256:") + 64
    assert name == "ml-100k.zip"
    folder(tmp_path / "ml-100k", "u.data", HUNDRED_K)
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path))
    datasets.movielens("ml-100k", download=True)
    assert len(asked) == 1


def test_a_wrong_checksum_is_refused(tmp_path, monkeypatch):
    """Pooch itself does the checking: only the transport is replaced."""

    def deliver(url, output, pooch):
        with open(output, "wb") as file:  # noqa: PTH123 - pooch hands over a plain name
            file.write(b"not what was published")

    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache")
    monkeypatch.setattr(pooch.core, "choose_downloader", lambda url, progressbar=False: deliver)
    with pytest.raises(ValueError, match=r"hash of downloaded file .* does not match the known"):
        datasets.movielens("ml-100k", download=True)
    assert not (tmp_path / "cache" / "ml-100k.zip").exists()


# Planted ratings


def test_planted_ratings_come_from_the_truth():
    ratings, truth = datasets.planted(30, 20, 3, 0.4, 0.0, rng=0)
    assert ratings.shape == truth.shape == (30, 20)
    assert truth.n_factors == 3
    assert len(ratings) == 240
    assert_allclose(ratings.values, predictions(ratings, truth), atol=1e-14)
    assert len(set(zip(ratings.users.tolist(), ratings.items.tolist(), strict=True))) == 240
    assert np.linalg.matrix_rank(datasets.planted(9, 8, 3, 1.0, 0.0, 0).ratings.to_matrix()) == 3


@pytest.mark.parametrize("k", [1, 4, 25])
def test_planted_ratings_have_the_stated_spread(k):
    ratings, truth = datasets.planted(300, 200, k, 0.5, 0.5, rng=1)
    noise = ratings.values - predictions(ratings, truth)
    assert noise.std() == pytest.approx(0.5, rel=0.03)
    assert predictions(ratings, truth).std() == pytest.approx(1, rel=0.2)
    assert abs(ratings.values.mean()) < 0.2
    assert abs(np.corrcoef(noise, predictions(ratings, truth))[0, 1]) < 0.03


def test_planted_ratings_follow_their_seed():
    one, same, other = (datasets.planted(9, 8, 2, 0.5, 0.1, rng).ratings for rng in (0, 0, 1))
    assert triples(one) == triples(same)
    assert triples(one) != triples(other)
    assert len(datasets.planted(3, 3, 1, 1e-9, 0.0, 0).ratings) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 1, 0.5, 0), "n_users must be at least 1, but is 0"),
        ((1, 0, 1, 0.5, 0), "n_items must be at least 1"),
        ((1, 1, 0, 0.5, 0), "n_factors must be at least 1"),
        ((1, 1, 1, 0, 0), r"density must lie in \(0, 1\], but is 0"),
        ((1, 1, 1, 1.1, 0), "density must lie in"),
        ((1, 1, 1, np.nan, 0), "density must lie in"),
        ((1, 1, 1, 0.5, -1), "noise must be 0 or larger, but is -1"),
        ((1, 1, 1, 0.5, np.inf), "noise must be 0 or larger and finite, but is inf"),
    ],
)
def test_bad_plans_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.planted(*arguments)


# The real ones

DATA = os.environ.get("MFTEACH_DATA")


@pytest.mark.skipif(not DATA, reason="MFTEACH_DATA is not set: no real ratings to read")
def test_movielens_small_is_what_was_published(monkeypatch):
    monkeypatch.setenv("MFTEACH_DATA", DATA)
    ratings = datasets.movielens()
    assert len(ratings) == 100_836
    assert ratings.shape == (610, 9724)
    assert set(ratings.values.tolist()) == {stars / 2 for stars in range(1, 11)}


# Films for the lessons


def test_without_real_ratings_there_are_synthetic_ones_that_say_so(monkeypatch):
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    films = datasets.films()
    assert "synthetic ratings" in films.source and "MFTEACH_DATA" in films.source
    assert films.ratings.shape == (400, 300) and len(films.ratings) == 24_000
    assert set(np.unique(2 * films.ratings.values)) <= set(range(1, 11))
    assert films.titles.keys() == set(films.ratings.item_labels.tolist())
    assert np.array_equal(films.ratings.values, datasets.films().ratings.values)


def test_real_films_come_with_their_titles(tmp_path, monkeypatch):
    folder = tmp_path / "ml-latest-small"
    folder.mkdir()
    (folder / "ratings.csv").write_text("userId,movieId,rating\n1,7,4.5\n", encoding="utf-8")
    rows = 'movieId,title,genres\n7,"Nero, the Film (1922)",Drama\n'
    (folder / "movies.csv").write_text(rows, encoding="utf-8")
    monkeypatch.setenv("MFTEACH_DATA", str(tmp_path))
    films = datasets.films()
    assert films.titles == {7: "Nero, the Film (1922)"}
    assert films.source == "ml-latest-small: 1 real ratings by 1 users of 1 films"


def test_titles_are_empty_without_their_table_and_an_error_without_ratings(tmp_path, monkeypatch):
    monkeypatch.delenv("MFTEACH_DATA", raising=False)
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,7,4.5\n", encoding="utf-8")
    assert datasets.movielens_titles(tmp_path) == {}
    with pytest.raises(FileNotFoundError, match="MFTEACH_DATA is not set"):
        datasets.movielens_titles("ml-latest-small")
