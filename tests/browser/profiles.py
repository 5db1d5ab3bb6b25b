"""Profiles of a browser: a test borrows as many as it has visitors, and gives them back empty.

Streamlit's client is most of what a page costs. A profile that was there before has its files, and one tab that stays open keeps
its process, in which the client is compiled already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

SMALL = "/_stcore/health"
"""A page of a few bytes, which the tab that stays has open."""


class Profiles:
    """The profiles of one browser, of which each test that asks gets one that nobody uses."""

    def __init__(self, browser: Browser, server: str) -> None:
        self._browser, self._server = browser, server
        self._free: dict[str, list[tuple[BrowserContext, Page]]] = {}

    @contextmanager
    def borrowed(self, **options) -> Iterator[BrowserContext]:
        """A profile as a new visitor's: no cookie, nothing stored, no permission. options: those of Playwright's contexts."""
        free = self._free.setdefault(repr(sorted(options.items())), [])
        context, stays = free.pop() if free else self._new(**options)
        try:
            yield context
        finally:
            self._empty(context, stays)
            free.append((context, stays))

    def _empty(self, context: BrowserContext, stays: Page) -> None:
        addresses = [urlsplit(frame.url) for page in context.pages for frame in page.frames]
        for page in context.pages:
            if page is not stays:
                page.close()
        session = context.new_cdp_session(stays)
        for origin in {self._server, *(f"{at.scheme}://{at.netloc}" for at in addresses if at.netloc)}:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.detach()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)

    def _new(self, **options) -> tuple[BrowserContext, Page]:
        context = self._browser.new_context(**options)
        stays = context.new_page()
        stays.goto(self._server + SMALL)
        return context, stays
