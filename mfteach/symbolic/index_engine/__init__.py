"""The parts of the index engine, which `mfteach.symbolic.indexed_sums` puts together.

Lessons: none opens this folder; lesson 07 uses ``same`` and ``derivative`` of `indexed_sums`.

- ``hygiene`` refuses what is not well formed: captured indices, unclear names, huge numbers;
- ``terms`` computes with products of indexed symbols under sums, as plain tuples;
- ``ranges`` knows where an index may lie, and what a delta then means;
- ``derivatives`` is the product rule;
- ``summed_indices`` names summed indices by their roles, so the choice of letters does not matter;
- ``written_sums`` writes a normal form for a reader.
"""
