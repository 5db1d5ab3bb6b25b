"""What visitors write stands on the screen as they wrote it: no tag, link, picture, formula or colour comes of it."""

from urllib.parse import quote

from playwright.sync_api import Page, expect

from pages.frame.lessons import Lesson, Step, packed

BAD = "0.5\n0.2\n**b**<img src=x>"
EVIL = "<img src=x onerror=window.hit=1>**b**[l](http://x.example/)![i](http://x.example/i.png)$y^2$:red[r]"
DONE_TO_IT = """() => window.hit ? 'a script ran' : [...document.querySelectorAll('img, a, strong, .katex, span[style*=color]')].filter(
  node => (node.src || '').endsWith('/x') || (node.src || node.href || '').includes('x.example')
    || ['b', 'r'].includes(node.textContent.trim()) || (node.matches('.katex') && node.textContent.includes('y^2'))
).map(node => node.outerHTML.slice(0, 200)).join('; ')"""


def holds(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.locator("body")).to_contain_text(text)
    assert page.evaluate(DONE_TO_IT) == ""


def test_names_numbers_and_lessons_with_markup_are_shown_as_text(open_page, server):
    lesson = Lesson(f"T {EVIL}", (Step("/two_distributions?p_loc=1", f"W {EVIL}"), Step("/vae", "second")))
    names = "<b>n</b>,**b**,$y^2$"
    page = open_page("/two_distributions")
    for address, texts in (
        (f"/your_numbers?q_numbers=1,2,3&p_numbers={quote(BAD)}", ["“**b**<img src=x>” is no number"]),
        (f"/your_numbers?p_numbers=0.2,0.3,0.5&q_numbers=0.3,0.3,0.4&names={quote(names)}", ["<b>n</b>", "**b**"]),
        (f"/two_distributions?p=Categorical&q=Categorical&kind=discrete&names={quote(names)}", ["<b>n</b>", "**b**", "$y^2$"]),
        (f"/beta?view={quote(EVIL)}", ["Part of this link cannot be shown", EVIL[:12]]),
        (f"/two_distributions?lesson={quote(packed(lesson))}", ["W <img src=x", "[l](http://x.example/)"]),
    ):
        page.goto(server + address)
        holds(page, *texts)
