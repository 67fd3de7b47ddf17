"""pyproject.toml, the locks, environment.yml and ci.yml say the same; no network, no conda needed.

Each check is a function from texts to problems, run on the real files and on doctored ones.
"""

import re
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCKS = {"course": (ROOT / "requirements.txt").read_text(encoding="utf-8")} | {
    file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "requirements").iterdir()
}
LOCK = LOCKS["course"]
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
CONDA_SPEC = re.compile(r"([a-z0-9][a-z0-9._-]*)(?: ([<>=!~][<>=!~0-9.,*]*))?")


def needed(pyproject, *extras):
    """Every dependency of the package and these extras: normalised name to version specifier."""
    project = tomllib.loads(pyproject)["project"]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each.specifier for each in requirements}


@cache
def pins(lock):
    """Every pin of the lock, as (requirement, how many hashes)."""
    without_comments_and_options = re.sub(r"^(\s*#|--).*\n?", "", lock, flags=re.MULTILINE)
    entries = re.split(r"\n(?=\S)", without_comments_and_options)
    return [
        (Requirement(entry.split(" \\\n")[0].strip()), entry.count("--hash=sha256:"))
        for entry in entries
        if entry.strip()
    ]


def pinned_versions(lock, name, python):
    """The versions that the lock installs of a package under one version of Python, on Linux."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    return [
        Version(next(iter(pin.specifier)).version)
        for pin, _ in pins(lock)
        if canonicalize_name(pin.name) == name
        and (pin.marker is None or pin.marker.evaluate(environment))
    ]


def problems_of_pyproject(pyproject):
    """Each dependency has a lower bound, and a comment that says what it is for."""
    found = []
    for name, specifier in needed(pyproject, *LOCKS).items():
        if not any(each.operator == ">=" for each in specifier):
            found.append(f"{name} has no lower bound")
    for line in re.findall(r'^    "[^"]+",.*$', pyproject, re.MULTILINE):
        name = re.match(r'    "([A-Za-z0-9][A-Za-z0-9_.-]*)[<>=!~]', line)
        if name and not re.search(r'",\s+# \S+', line):
            found.append(f"{name[1]} has no comment that says what it is for")
    return found


def problems_of_lock(lock, pyproject, extra):
    """Each pin is exact and hashed, no address is written, and pyproject.toml is satisfied.

    `lock` is all that is installed for the extra: the lock of the course, and what it adds to it.
    """
    found = []
    for pin, hashes in pins(lock):
        exact = [each.operator for each in pin.specifier] == ["=="]
        if not exact or hashes == 0:
            found.append(f"{pin.name} is not pinned with ==, or has no hash")
    if re.search(r"https?:|--(?:extra-)?index-url|--find-links|--trusted-host", lock):
        found.append("it names an address")
    for name, specifier in needed(pyproject, extra).items():
        for python in PYTHONS:
            versions = pinned_versions(lock, name, python)
            if len(versions) != 1:
                found.append(
                    f"{name} has {len(versions)} pins for Python {python}: run 'make lock'"
                )
            found += [
                f"{name} {version} does not satisfy {specifier}: make lock"
                for version in versions
                if version not in specifier
            ]
    return found


def unnamed_extras(lock):
    """Extras that an installed package asks for, of a pin that does not name them.

    pip takes such a pin for another package, and insists on a hash for the newest release.
    """
    named = {canonicalize_name(pin.name): pin.extras for pin, _ in pins(lock)}
    asked = [
        requirement
        for distribution in metadata.distributions()
        for requirement in map(Requirement, distribution.requires or [])
        if canonicalize_name(distribution.metadata["Name"]) in named
        and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
    ]
    return [
        f"{each.name} lacks {sorted(each.extras - named[canonicalize_name(each.name)])}"
        for each in asked
        if canonicalize_name(each.name) in named
        and each.extras - named[canonicalize_name(each.name)]
    ]


def problems_of_conda(conda, lock, pyproject):
    """The same packages with the same bounds as pyproject.toml, from conda-forge alone."""
    environment = yaml.safe_load(conda)
    if list(environment) != ["name", "channels", "dependencies"]:
        return [f"its keys are {list(environment)}, not name, channels, dependencies"]
    found = []
    if environment["name"] != "mfteach":
        found.append(f"its name is {environment['name']}, not mfteach")
    if environment["channels"] != ["conda-forge", "nodefaults"]:
        found.append(f"its channels are {environment['channels']}")
    *specs, own = environment["dependencies"]
    if own != {"pip": ["-e ."]}:
        found.append(f"the course itself is not installed by pip: {own}")
    bounds = {}
    for spec in specs:
        match = CONDA_SPEC.fullmatch(spec) if isinstance(spec, str) else None
        if match is None:
            return [*found, f"{spec!r} is no spec such as 'numpy >=1.26'"]
        bounds[canonicalize_name(match[1])] = SpecifierSet(match[2] or "")
    bounds.pop("python", None)  # problems_of_pythons looks at it
    if "pip" not in bounds:
        found.append("pip is missing, which installs the course itself")
    bounds.pop("pip", None)
    wanted = needed(pyproject, "course")
    found += [f"{name} is missing" for name in wanted.keys() - bounds.keys()]
    found += [f"{name} is not in pyproject.toml" for name in bounds.keys() - wanted.keys()]
    for name in bounds.keys() & wanted.keys():
        if bounds[name] != wanted[name]:
            found.append(f"{name} is {bounds[name]} here and {wanted[name]} in pyproject.toml")
        versions = {v for python in PYTHONS for v in pinned_versions(lock, name, python)}
        outside = [version for version in versions if version not in bounds[name]]
        found += [f"{name} {each} of the lock is not in {bounds[name]}" for each in outside]
    return found


def pythons(specifier):
    """The minor versions of Python that a specifier allows."""
    minors = [f"3.{minor}" for minor in range(40)]
    return [each for each in minors if SpecifierSet(specifier).contains(f"{each}.1")]


def problems_of_pythons(pyproject, conda, workflow, makefile):
    """One list of Pythons everywhere: allowed, named, tested, and taken by make."""
    project = tomllib.loads(pyproject)["project"]
    places = {
        "requires-python": pythons(project["requires-python"]),
        "classifiers": re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"])),
        "environment.yml": pythons(re.search(r"^  - python (.*)", conda, re.MULTILINE)[1]),
        "ci.yml": yaml.safe_load(workflow)["jobs"]["locked"]["strategy"]["matrix"]["python"],
        "Makefile": re.search(r"^PYTHONS := (.*)", makefile, re.MULTILINE)[1].split(),
    }
    return [f"{place}: {named}" for place, named in places.items() if named != PYTHONS]


def test_pyproject_gives_bounds_and_reasons():
    assert problems_of_pyproject(PYPROJECT) == []
    assert len(needed(PYPROJECT, *LOCKS)) > 10


def installed_for(extra):
    return LOCK if extra == "course" else LOCK + LOCKS[extra]


@pytest.mark.parametrize("extra", LOCKS)
def test_the_locks_are_exact_hashed_and_current(extra):
    assert problems_of_lock(installed_for(extra), PYPROJECT, extra) == []


def test_there_is_a_lock_for_each_extra_and_the_course_stands_in_its_own_alone():
    assert LOCKS.keys() == tomllib.loads(PYPROJECT)["project"]["optional-dependencies"].keys()
    course = {canonicalize_name(pin.name) for pin, _ in pins(LOCK)}
    assert len(course) > 50
    for extra in LOCKS.keys() - {"course"}:
        added = {canonicalize_name(pin.name) for pin, _ in pins(LOCKS[extra])}
        assert added
        assert not added & course
    assert not course & {"numba", "llvmlite", "nbgrader", "sqlalchemy", "pandas", "scikit-learn"}


def test_extras_that_add_the_same_package_pin_it_alike():
    lines = {}
    for extra in LOCKS:
        for pin, _ in pins(LOCKS[extra]):
            lines.setdefault((extra, canonicalize_name(pin.name)), set()).add(str(pin))
    by_name = {}
    for (_, name), pinned in lines.items():
        assert by_name.setdefault(name, pinned) == pinned


def test_the_locks_name_the_extras_that_their_packages_ask_for():
    lock = "".join(LOCKS.values())
    assert unnamed_extras(lock) == []
    assert unnamed_extras(doctored(lock, "coverage[toml]", "coverage")) == [
        "coverage lacks ['toml']"
    ]


def test_no_lock_forces_a_release_without_a_wheel_for_intel_macs_on_students():
    constraints = tomllib.loads(PYPROJECT)["tool"]["uv"]["constraint-dependencies"]
    for each in map(Requirement, constraints):
        versions = {v for python in PYTHONS for v in pinned_versions(LOCK, each.name, python)}
        assert versions
        assert all(version in each.specifier for version in versions)


def test_the_pythons_are_the_same_everywhere():
    assert problems_of_pythons(PYPROJECT, CONDA, WORKFLOW, MAKEFILE) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        (0, ",<3.15", ",<3.14", "requires-python"),
        (0, ",<3.15", "", "requires-python"),
        (0, '    "Programming Language :: Python :: 3.14",\n', "", "classifiers"),
        (1, ",<3.15", ",<3.14", "environment.yml"),
        (1, ">=3.11,", ">=3.10,", "environment.yml"),
        (2, ', "3.14"]', "]", "ci.yml"),
        (3, " 3.14", "", "Makefile"),
    ],
)
def test_the_check_of_the_pythons_bites(file, old, new, place):
    texts = [PYPROJECT, CONDA, WORKFLOW, MAKEFILE]
    texts[file] = doctored(texts[file], old, new)
    problems = problems_of_pythons(*texts)
    assert [problem.split(":")[0] for problem in problems] == [place]


def test_environment_yml_agrees_with_pyproject_and_the_lock():
    assert problems_of_conda(CONDA, LOCK, PYPROJECT) == []


def doctored(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"numpy>=1.26",', '"numpy",', "numpy has no lower bound"),
        ("# the same", "", "polars has no comment"),
    ],
)
def test_the_check_of_pyproject_bites(old, new, words):
    assert any(words in each for each in problems_of_pyproject(doctored(PYPROJECT, old, new)))


def without_hashes(lock, name):
    return re.sub(rf"^({name}==\S+)( \\\n    --hash\S+)+", r"\1", lock, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("lock", "words"),
    [
        (without_hashes(LOCK, "tqdm"), "tqdm is not pinned with ==, or has no hash"),
        (LOCK.replace("\ntqdm==", "\ntqdm>="), "tqdm is not pinned"),
        ("--index-url https" + "://example.org/simple\n" + LOCK, "it names an address"),
        (re.sub(r"\ntqdm==\S+", "\ntqdm==4.1", LOCK), "tqdm 4.1 does not satisfy >=4.66"),
        (LOCK.replace("\ntqdm==", "\ntqbm=="), "tqdm has 0 pins for Python 3.11"),
    ],
    ids=["no hash", "not exact", "address", "too old", "missing"],
)
def test_the_check_of_the_lock_bites(lock, words):
    assert lock != LOCK
    assert any(words in each for each in problems_of_lock(lock, PYPROJECT, "course"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: mfteach", "name: other", "its name is other"),
        ("name: mfteach", "prefix: /opt\nname: mfteach", "its keys are"),
        ("  - nodefaults\n", "  - defaults\n", "its channels are"),
        ("  - numpy >=1.26\n", "", "numpy is missing"),
        ("  - numpy >=1.26\n", "  - numpy >=1.25\n", "numpy is >=1.25 here and >=1.26"),
        ("  - numpy >=1.26\n", "  - numpy >=99\n", "of the lock is not in >=99"),
        ("  - numpy >=1.26\n", "  - numpy > = 1\n", "is no spec"),
        ("  - pip\n", "  - pip\n  - seaborn >=0.13\n", "seaborn is not in pyproject.toml"),
        ("  - pip\n", "", "pip is missing"),
        ("      - -e .", "      - mfteach", "is not installed by pip"),
    ],
)
def test_the_check_of_environment_yml_bites(old, new, words):
    problems = problems_of_conda(doctored(CONDA, old, new), LOCK, PYPROJECT)
    assert any(words in each for each in problems), problems


def test_the_check_of_environment_yml_bites_when_pyproject_moves_on():
    raised = doctored(PYPROJECT, '"scipy>=1.12"', '"scipy>=1.13"')
    problems = problems_of_conda(CONDA, LOCK, raised)
    assert problems == ["scipy is >=1.12 here and >=1.13 in pyproject.toml"]
