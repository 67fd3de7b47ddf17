"""What is asked: question files, checks, the numbers of each student, the release."""
