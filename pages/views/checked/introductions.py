"""What the later view of Checked opens with."""

from pages.shared.introductions import Introduction

OF_VIEWS = {
    "Common errors": Introduction(
        "Which line of code is wrong?",
        "Wrong and right code run side by side on your numbers.",
        "Choose an error and change its numbers.",
    ),
}
