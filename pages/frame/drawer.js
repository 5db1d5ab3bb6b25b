// @ts-check
// On a phone the navigation is a drawer over most of the screen. Streamlit leaves it open when a page has been chosen.

const NARROW = window.matchMedia("(max-width: 768px)");

window.addEventListener("click", ({ target }) => {
  const chosen = NARROW.matches && target instanceof Element && target.closest('[data-testid="stSidebarNavLink"]');
  // After Streamlit has heard the click, which the drawer would otherwise swallow.
  const close = () => /** @type {HTMLElement | null} */ (document.querySelector('[data-testid="stSidebarCollapseButton"] button'))?.click();
  if (chosen) setTimeout(close);
});
