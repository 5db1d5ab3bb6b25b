"""`make check` runs the tests that a change can reach, the nearest first."""

import pytest

from tools.check import nearest_tests


@pytest.mark.parametrize(
    ("changed", "first", "also"),
    [
        ("kl_core/vectors/coding.py", "tests/kl_core/vectors/test_coding.py", "tests/pages/test_two_distributions.py"),
        ("kl_core/families/laplace.py", "", "tests/kl_core/families/test_families.py"),
        ("pages/views/vae/scene.py", "tests/pages/test_vae.py", "tests/pages/test_practice.py"),
        ("pages/shared/live/live.css", "", "tests/pages/live/test_messages.py"),
        ("pages/beta.py", "tests/pages/test_beta.py", ""),
    ],
)
def test_what_changed_is_tested_by_what_imports_it(changed, first, also):
    tests = nearest_tests([changed])
    assert first in [*tests[:8], ""]
    assert also in [*tests, ""]


def test_a_view_of_one_page_is_not_tested_by_the_pages_that_do_not_use_it():
    tests = nearest_tests(["pages/views/your_numbers/others.py"])
    assert "tests/pages/test_your_numbers.py" in tests
    assert not {"tests/pages/test_vae.py", "tests/kl_core/test_renyi.py"} & set(tests)


def test_a_changed_test_runs_itself_and_a_changed_text_only_what_always_runs():
    assert "tests/kl_core/test_renyi.py" in nearest_tests(["tests/kl_core/test_renyi.py"])
    assert nearest_tests(["LICENSE"]) == ["tests/test_architecture.py", "tests/test_readme.py"]
