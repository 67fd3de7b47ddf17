"""The words for what became of an answer, which scores, results and reports share."""

RIGHT, WRONG, NOT_MARKED = "right", "wrong", "not marked yet"
