"""Who waits sees a bar, and nobody where ``TQDM_DISABLE`` is set: also not in a notebook."""

import pytest
import tqdm.auto
import tqdm.notebook

from mfteach.arguments.waiting import progress_bar


class InANotebook(tqdm.notebook.tqdm):
    """Tqdm's bar for notebooks, without a front end that shows it."""

    @staticmethod
    def status_printer(*_):
        return None


@pytest.mark.parametrize("kind", [tqdm.std.tqdm, InANotebook])
def test_there_is_no_bar_where_the_environment_forbids_it(kind, monkeypatch):
    monkeypatch.setattr(tqdm.auto, "tqdm", kind)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert progress_bar(total=3).disable
    assert list(progress_bar([1, 2])) == [1, 2]


def test_there_is_one_elsewhere(monkeypatch, capsys):
    monkeypatch.setattr(tqdm.auto, "tqdm", tqdm.std.tqdm)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    with progress_bar(total=3, desc="descending") as bar:
        assert not bar.disable
        bar.update()
    assert "descending" in capsys.readouterr().err
