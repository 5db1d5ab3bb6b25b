"""The audit of packages fails on what was looked up, and says what was not."""

from tools.audit import report

CLEAN = {"name": "numpy", "version": "2.4.6", "vulns": []}
WEAK = {"name": "redis", "version": "8.1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["8.1.1"]}]}
SKIPPED = {"name": "rq", "skip_reason": "not found"}


def test_a_known_weakness_fails_and_names_the_version_that_mends_it():
    lines, bad = report({"dependencies": [CLEAN, WEAK, SKIPPED]})
    assert bad and lines[0] == "redis 8.1.0 has PYSEC-2026-1; mended in 8.1.1."
    assert "2 of 3 packages looked up, 1 known weakness." in lines[-1] and "rq" in lines[-1]


def test_what_was_not_looked_up_is_said_and_does_not_fail():
    assert report(None) == (["No package was looked up: the registry's advisories could not be reached."], False)
    lines, bad = report({"dependencies": [SKIPPED]})
    assert not bad and "0 of 1 packages looked up" in lines[0]
