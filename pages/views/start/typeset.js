// @ts-check
// The definition of KL, typeset: MathML, which browsers lay out and screen readers read.

const P = '<mi class="p">P</mi>';
const Q = '<mi class="q">Q</mi>';
const of = (letter) => `<mrow>${letter}<mo>(</mo><mi>x</mi><mo>)</mo></mrow>`;
const KL = `<mrow><mi class="upright">KL</mi><mo>(</mo>${P}<mo class="bars">‖</mo>${Q}<mo>)</mo></mrow>`;
const LOG = `<mrow class="height"><mi class="upright log">log</mi><mfrac>${of(P)}${of(Q)}</mfrac></mrow>`;

/** @returns {Element} */
const typeset = (inside) => {
  const holder = document.createElement("template");
  holder.innerHTML = `<math display="block">${inside}</math>`; // text of this file alone
  return holder.content.firstElementChild;
};

const named = (inside, name) => (name ? `<munder>${inside}<mtext class="name">${name}</mtext></munder>` : inside);

// KL(P‖Q) = Σ P(x) log(P(x)/Q(x)); on request with the names of its two factors below them.
export const definition = (width = "", height = "") => typeset(`<mrow>${KL}<mo>=</mo><munder><mo class="sum">∑</mo><mi class="over">x</mi></munder>${named(`<mrow class="width">${of(P)}</mrow>`, width)}<mspace width="0.18em"/>${named(LOG, height)}</mrow>`);

// 0.25 log(0.25/0.10) = 0.229
export const worked = (p, q, value) => typeset(`<mrow><mn class="p">${p}</mn><mi class="upright log">log</mi><mfrac><mn class="p">${p}</mn><mn class="q">${q}</mn></mfrac><mo>=</mo><mn>${value}</mn></mrow>`);
