"""A room as a teacher opens it."""

from playwright.sync_api import Page, expect


def open_room(teacher: Page) -> str:
    """The code of a new room, once its QR code stands on the projector."""
    teacher.get_by_role("button", name="Share", exact=True).click()
    teacher.get_by_role("button", name="Live room").click()
    teacher.get_by_role("button", name="Open a room").click()
    shown = teacher.get_by_role("dialog", name="Join the room")
    code = shown.locator(".letters").inner_text()
    expect(shown.get_by_role("img")).to_be_visible()
    shown.get_by_role("button", name="Close").click()
    return code
