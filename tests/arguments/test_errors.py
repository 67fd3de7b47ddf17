"""One error, three wordings: what a message says in each interface."""

import copy
import pickle

import pytest

from mfteach import MatrixFactorization, Ratings, datasets
from mfteach.arguments import FUNCTION, Cure, InputError, WrongType, worded


class Shouting:
    """An interface with words of its own, which knows one argument."""

    def name(self, argument):
        return argument.upper()

    def words(self, cure):
        return f"{cure.argument.upper()} {cure.value}!" if cure.argument == "n" else None


CURES = (Cure("n", 3), Cure("duplicates", "last"))


def message(**parts):
    return str(InputError("it is twice", **parts))


def test_a_message_says_what_is_wrong_and_what_helps():
    assert message() == "it is twice"
    assert message(argument="n") == "n it is twice"
    assert message(advice="remove one") == "it is twice: remove one"
    assert message(cures=CURES) == "it is twice. Choose n=3 or duplicates='last'"
    assert message(advice="Remove one", cures=CURES) == (
        "it is twice. Remove one, or choose n=3 or duplicates='last'"
    )


def test_a_cure_may_stand_inside_the_sentence():
    error = InputError(
        "it has no header", "give {n}, or number them in {columns}", n=3, columns=(1,)
    )
    assert str(error) == "it has no header: give n=3, or number them in columns=(1,)"
    assert error.cures == (("n", 3), ("columns", (1,)))
    error.interface = Shouting()
    assert str(error) == "it has no header: give N 3!, or number them in columns=(1,)"
    assert error.remedies == ["N 3!"]


def test_each_interface_says_it_in_its_own_words_and_the_outermost_last():
    with (
        pytest.raises(InputError) as caught,
        worded(Shouting()),
        worded(FUNCTION),
    ):
        raise WrongType("is twice", argument="k", cures=CURES)
    assert str(caught.value) == "K is twice. Choose N 3!"
    assert caught.value.remedies == ["N 3!"]
    assert isinstance(caught.value, TypeError)


def test_other_errors_pass_through():
    with pytest.raises(KeyError, match="x"), worded(Shouting()):
        raise KeyError("x")


@pytest.mark.parametrize("copied", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_an_error_can_be_sent_to_another_process(copied):
    error = WrongType("is twice", argument="k", advice="Stop", cures=CURES)
    error.interface = Shouting()
    assert str(copied(error)) == str(error)
    assert type(copied(error)) is WrongType
    assert copied(error).cures == CURES


@pytest.mark.parametrize("text", ["x" * 10**5, 9999 * "a,b\n"])
@pytest.mark.parametrize(
    "call",
    [
        lambda text: MatrixFactorization().set_params(**{text: 1}),
        MatrixFactorization.load,
        lambda text: (
            MatrixFactorization(2, regularization=0.1, rng=0)
            .fit(datasets.history_romance())
            .save(text)
        ),
        Ratings.read,
        datasets.movielens,
    ],
    ids=["set_params", "load", "save", "read", "movielens"],
)
def test_what_is_far_too_long_is_quoted_shortly(call, text):
    with pytest.raises(InputError) as error:
        call(text)
    assert len(str(error.value)) < 400
    assert "\n" not in str(error.value)
