"""``make scripts``: stored outputs get the script of today, and keep everything else."""

from pathlib import Path

from mfteach.commands.live_scripts import renew_scripts

LESSON = Path(__file__).parents[2] / "notebooks" / "02_the_derivative_from_its_definition.ipynb"


def test_old_scripts_are_renewed_and_the_rest_stays_byte_for_byte(tmp_path, capsys):
    text = LESSON.read_text(encoding="utf-8")
    old = text.replace("class Panel", "class OldPanel")
    assert old != text
    (tmp_path / LESSON.name).write_text(old, encoding="utf-8")
    renew_scripts(tmp_path)
    assert (tmp_path / LESSON.name).read_text(encoding="utf-8") == text
    renew_scripts(tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        f"{LESSON.stem}: rewritten",
        f"{LESSON.stem}: no change",
    ]
