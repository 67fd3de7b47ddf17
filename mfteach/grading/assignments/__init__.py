"""What students are asked: question files, checks, each student's numbers, the release."""
