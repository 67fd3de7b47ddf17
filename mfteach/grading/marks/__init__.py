"""What an answer earns: scores, results, late days, the gradebook."""
