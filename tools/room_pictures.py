"""Makes docs/room-projector.png and docs/room-phone.png from the running app: a teacher, a phone, and a class over the same protocol."""

import json
import random
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.chromium import chromium, settle
from tests.browser.rooms import open_room
from tests.server import ROOT, free_port, serving, streamlit_run

CLASS = 45
HILLS = (-2.0, 2.0)


def told(base: str, path: str, message: dict | None = None) -> dict:
    """What the room answers; message: what it is told, None to ask."""
    body = None if message is None else json.dumps(message).encode()
    request = urllib.request.Request(f"{base}/room/{path}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def answered(base: str, code: str) -> None:
    """A class of which most put Q on a hill, and some in the middle; at places of the question's own axes."""
    question, chance = told(base, f"{code}/state")["question"], random.Random(1)
    for n in range(CLASS):
        hill = chance.random() < 0.6
        numbers = (
            (chance.gauss(chance.choice(HILLS), 0.3), chance.gauss(1.0, 0.15)) if hill else (chance.gauss(0, 0.5), chance.gauss(2.2, 0.3))
        )
        value = [
            min(axis, key=lambda place, number=number: abs(place - number)) for axis, number in zip(question["axes"], numbers, strict=True)
        ]
        told(base, f"{code}/answer", {"phone": f"phone-of-the-class-{n:04d}", "number": question["number"], "value": value})


def main() -> None:
    port = free_port()
    base = f"http://localhost:{port}"
    with serving(streamlit_run(port), port), chromium() as browser:
        teacher, phone = (browser.new_context(viewport={"width": w, "height": h}).new_page() for w, h in ((1440, 900), (390, 844)))
        teacher.goto(f"{base}/practice?q=reverse_picks_a_mode")
        settle(teacher)
        code = open_room(teacher)
        phone.goto(f"{base}/?room={code}")
        phone.wait_for_url("**/practice**")
        teacher.get_by_role("button", name="Ask the class").click()
        ask = teacher.get_by_role("dialog", name="Ask the class")
        ask.get_by_role("button", name="Ask this page’s question").click()
        phone.get_by_role("slider", name="your Q mean μ").press("ArrowRight")
        phone.wait_for_timeout(500)
        phone.screenshot(path=ROOT / "docs" / "room-phone.png")
        answered(base, code)
        ask.get_by_role("button", name="Reveal").click()
        ask.get_by_text("put Q on a hill").wait_for()
        teacher.wait_for_timeout(5000)  # the true Q slides
        teacher.screenshot(path=ROOT / "docs" / "room-projector.png")


if __name__ == "__main__":
    main()
