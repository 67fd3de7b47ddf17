"""The course as web pages, slides and a handout, all from the committed notebooks.

``python -m delivery site`` in the folder ``site/`` (or ``make site``) writes ``_build/site``.

- ``places`` says where everything is read and written;
- ``web_parts`` fetches MathJax, its font and reveal.js once;
- ``lessons`` reads a notebook and knows what each cell is for;
- ``lesson_pages``, ``proof_pages``, ``row_pages`` and ``reference_pages`` write the sources of the
  pages, ``pages`` puts them together and calls Sphinx;
- ``markup`` turns Markdown and outputs into HTML, for ``slides`` and ``handout``;
- ``browser`` opens them in Chromium.
"""
