"""nbgrader's settings for this course; `make release` builds with the same ones."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "mfteach"

# What replaces a solution. An answer cell already shows an empty answer above its solution
# (q1 = ""), and a function ends with a NotImplementedError below it: there is nothing to add.
c.ClearSolutions.code_stub = {"python": ""}
c.ClearSolutions.text_stub = "*Your answer here: put your text in place of this line.*"
