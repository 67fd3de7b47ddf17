"""Texts that nobody types in good faith, and some that people type by mistake."""

from itertools import islice
from random import Random

_CODE = [
    "__import__('os').system('touch /tmp/owned')",
    "open('/etc/passwd').read()",
    "exec('1')",
    "lambda: 0",
    "().__class__.__bases__[0].__subclasses__()",
    "{{7*7}}",
    "${7*7}",
    "<script>alert(1)</script>",
    "'; drop table marks; --",
    "%s%s%s%n",
    "\\input{/etc/passwd}",
    "\\write18{ls}",
    "\\def\\x{\\x\\x}\\x",
    "\\href{javascript:alert(1)}{x}",
    "\x00\x01\x02",
    "\ud800",
    "\u202eu_is",
    "u_is\u0000",
]
_DEEP = [
    opening * depth + "u_is" + closing * depth
    for opening, closing in (
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        (r"\frac{", "}{2}"),
        ("sum_{q=1}^k (", ")"),
        (r"\hat{", "}"),
        ("|", "|^2"),
        ("||", "||^2"),
        ("d/du_is (", ")"),
        ("-(", ")"),
        ("(1 + ", ")^2"),
        ("sum_i sum_j (", ")"),
    )
    for depth in (5, 20, 30, 120, 400)
]
_LARGE = [
    "2^{1000000000}",
    "9^{9^{9^{9}}}",
    "((((9^20)^20)^20)^20)^20",
    "9" * 900,
    "0." + "1" * 500,
    "1/" * 300 + "2",
    "-" * 600 + "u_is",
    "u_is^" * 100 + "2",
    "u_is " * 180,
    "+".join(["u_is"] * 150),
    " ".join(["J"] * 60),
    " ".join(["e_ij^2"] * 30),
    "J^20",
    "(J + J^ridge)^20",
    "J^{ridge} J^{bias} J^{count} J J J",
    " ".join(f"(sum_q u_{{iq}} v_{{{letter}q}})^2" for letter in "abcefgh"),
    "*".join("(sum_{j in I_i} e_ij^2)" for _ in range(7)),
    "(sum_{q=1}^k x_q)^20",
    "(u_is + v_js + r_ij + w_ij + b_i + c_j + x_s)^20",
    "(1 + u_is)^20 (1 + v_js)^20 (1 + r_ij)^20",
    "sum_{j=1}^999999 v_js",
    "sum_{j=999999}^n v_js",
    "sum_{j=1}^{n+999999} v_js",
    "sum_{j=1}^{n-999999} v_js",
    "d^4/du_is du_is du_is du_is (J J J J)",
    "d/du_is " * 20 + "J",
    "U V^T " * 60,
    "[" + "U V^T V U^T " * 20 + "U]_is",
    "||" + "(U V^T)" * 3 + "||^2",
    "|| U V^T - R ||^2 || U V^T - R ||^2 || U V^T - R ||^2",
    "(1 " + "+ e_ij " * 60 + ")^20",
    "delta_qs " * 80,
    "sum_q sum_s sum_t " * 15 + "delta_qs delta_st",
    "u_is = " * 90 + "u_is",
    "u_{i,s}" + ",s" * 200,
    "_" * 500,
    "^" * 500,
    "{" * 500,
    "\\" * 999,
    "$" * 999,
    "²" * 300,
    "u" + "ᵢ" * 300,
    "½" * 200,
    "̂" * 300,
    "e" + "̂" * 300,
    "'" * 500,
    "\u200b" * 999,
]
_PIECES = [
    *(r"\sum", "_", "^", "{", "}", "(", ")", "[", "]", "|", r"\|", r"\frac", r"\partial", "d", "/"),
    *("u_is", "v_{js}", "e_ij^2", "J", r"\in", "I_i", "U_j", "S", r"\hat", "r", ",", "=", "+", "-"),
    *("*", r"\cdot", "2", "1/2", "k", "q", "sum", "over", "in", "of", r"\lambda", r"\delta_{qs}"),
    *(r"\left", r"\right", r"\circ", "^T", "W", "E", "V", "<-", ";", ".", "&", r"\\"),
]


def hostile_lines(number):
    """Return so many lines: the fixed ones first, then random heaps of pieces."""
    random = Random(7)
    fixed = [*_CODE, *_DEEP, *_LARGE]
    heaps = (
        "".join(
            random.choice(_PIECES) + random.choice(("", " ")) for _ in range(random.randint(1, 40))
        )
        for _ in iter(int, 1)
    )
    return [*fixed, *islice(heaps, max(0, number - len(fixed)))]
