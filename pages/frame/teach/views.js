// @ts-check
// On a phone the views of a page with many are one row to swipe: the one that is shown is in sight, also of a link.

const FADE = 40; // pixels at the row's end that fade out, as in frame.css

export const showView = () => {
  const chosen = document.querySelector('.st-key-view [role="radio"][aria-checked="true"]');
  const row = chosen?.parentElement;
  if (!chosen || !row || row.scrollWidth <= row.clientWidth) return;
  const [button, room] = [chosen.getBoundingClientRect(), row.getBoundingClientRect()];
  if (button.left >= room.left && button.right <= room.right - FADE) return;
  row.scrollLeft += button.left - room.left - (room.width - button.width) / 2;
};
