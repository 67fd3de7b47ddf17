"""What lesson 01 says about the lines of its first exercise is true of the lines that it draws."""

from mfteach.lessons.questions.lesson_01 import ON_PAPER


def test_the_lines_on_graph_paper():
    heights = {name: lambda x, line=line: line[0] + line[1] * x for name, line in ON_PAPER.items()}
    assert [heights["A"](x) for x in (0, 2, 6)] == [-3, 0, 6]
    assert [heights["B"](x) for x in (0, 2, 6)] == [4, 3, 1]
    assert [heights["C"](x) for x in (0, 6)] == [1, 1]
    assert heights["A"](6) - heights["A"](0) == 9
    assert heights["B"](0) - heights["B"](6) == 3
