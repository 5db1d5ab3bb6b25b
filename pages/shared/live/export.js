// @ts-check
// The picture to take along: every panel in one SVG with its styles written into it, or the same as PNG.

import { shareable } from "../link.js";
import { draw, make, put, SVG } from "./draw.js";
import { short } from "./numbers.js";
import { cut } from "./plot.js";

const PROPERTIES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "font", "opacity", "visibility",
  "paint-order", "text-anchor", "stroke-linejoin"];

const inlined = (svg) => {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(from[i]);
    node.setAttribute("style", PROPERTIES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    for (const name of ["role", "tabindex"]) node.removeAttribute(name);
  });
  copy.querySelectorAll(".reach, .cursor").forEach((node) => node.remove());
  return copy;
};

const HEAD = 42; // pixels above a panel for its title and its note
const LINE = 20;

// What a panel says above itself: a title, and a quieter line.
const heading = ({ spec, readout, caption }) => {
  if (!readout) return [spec.title ?? (spec.kind === "map" ? spec.label : ""), spec.note ?? caption?.textContent ?? ""];
  const { output, unit } = readout;
  return [`${spec.title} = ${output.textContent} ${unit.textContent}`, spec.note];
};

// Where the scrubber stands, numbers without a panel, every curve with its parameters, and why a number is infinite, in words.
const described = (picture) => {
  const place = picture.scrubber ? [picture.place()] : [];
  const numbers = picture.readouts.map(({ spec, output, unit }) => `${spec.title} = ${output.textContent} ${unit.textContent}`.trim());
  const curves = Object.values(picture.curves).filter((curve) => curve.there && curve.label && curve.parameters.length).map((curve) =>
    `${curve.label}: ${curve.family}, ${curve.parameters.map(({ key, label }) => `${label} = ${short(curve.get(key))}`).join(", ")}`);
  const reasons = picture.panels.filter(({ readout }) => readout?.reason.textContent)
    .map(({ spec, readout }) => `${spec.title} = ∞: ${readout.reason.textContent}`);
  const said = picture.panels.flatMap(({ list }) => (list ? [...list.children].map((item) => item.textContent.trim()) : []));
  return [...new Set([...place, ...numbers, ...curves, ...reasons, ...said])];
};

// The panels in rows as on screen, each row below the headings it needs; the curves in words at the foot.
const composed = (picture) => {
  const live = picture.root.querySelector(".live");
  const [style, box] = [getComputedStyle(live), live.getBoundingClientRect()];
  const width = live.clientWidth;
  const sheet = draw("svg", { xmlns: SVG, width, "font-family": style.fontFamily });
  const write = (x, y, text, size) => text && sheet.append(draw("text", { x, y, text, fill: style.color, "font-size": size }));
  let [top, bottom, rowAt] = [0, 0, null];
  for (const panel of picture.panels.filter(({ svg, canvas }) => svg ?? canvas)) {
    const place = (panel.svg ?? panel.canvas).getBoundingClientRect();
    const row = (panel.spec.chart ? place : panel.node.getBoundingClientRect()).top; // such a panel has no box of its own
    if (rowAt === null || Math.abs(row - rowAt) > 2) [rowAt, top] = [row, bottom];
    const left = place.left - box.left;
    const [title, note] = heading(panel);
    const head = title || note ? HEAD : 0;
    write(left + 4, top + 18, cut(title, Math.floor(place.width / 7.4)), 15);
    write(left + 4, top + 35, cut(note, Math.floor(place.width / 6)), 12);
    const at = { x: left, y: top + head, width: place.width, height: place.height };
    if (panel.canvas) sheet.append(draw("image", { ...at, href: panel.canvas.toDataURL(), style: "image-rendering: pixelated" }));
    if (panel.svg) {
      const copy = inlined(panel.svg);
      put(copy, at);
      sheet.append(copy);
    }
    bottom = Math.max(bottom, top + head + place.height);
  }
  for (const words of described(picture)) {
    write(4, bottom + 14, cut(words, Math.floor(width / 5.8)), 12);
    bottom += LINE;
  }
  put(sheet, { height: bottom, viewBox: `0 0 ${width} ${bottom}` });
  sheet.prepend(draw("rect", { width: "100%", height: "100%", fill: style.getPropertyValue("--ground") || "#fff" }));
  return sheet;
};

const save = (blob, name) => {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

const saveSvg = (picture) => {
  const text = new XMLSerializer().serializeToString(composed(picture));
  save(new Blob([text], { type: "image/svg+xml" }), `${picture.scene.export}.svg`);
};

const savePng = (picture) => {
  const sheet = composed(picture);
  const [width, height] = ["width", "height"].map((name) => Number(sheet.getAttribute(name)));
  const image = new Image();
  image.onload = () => {
    const canvas = make("canvas", { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    canvas.toBlob((blob) => save(blob, `${picture.scene.export}.png`));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(sheet))}`;
};

// One file that opens without a server: these very modules as one script, and its styles, the theme, and the scene as Python last told it.
const saveHtml = async (picture) => {
  const script = await (await fetch(new URL("../../one-file/shared/live/main.js", import.meta.url))).text();
  const live = picture.root.querySelector(".live");
  const css = [...picture.root.getRootNode().querySelectorAll("style")].map((style) => style.textContent).join("\n");
  const theme = [...new Set(`${css} ${script}`.match(/--st-[a-z-]+/g))].map((name) => `${name}: ${getComputedStyle(live).getPropertyValue(name)};`);
  const scene = JSON.stringify({ ...picture.scene, standalone: true, early: null }).replaceAll("<", "\\u003c");
  const title = document.querySelector("h1")?.textContent ?? document.title;
  const text = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text(title)} · KL explorer</title>
<style>:root { ${theme.join(" ")} } body { margin: 0 auto; max-width: 80rem; padding: 1rem; color: var(--st-text-color); background: var(--st-background-color); font-family: var(--st-font); }
a { color: inherit; }
${css}</style></head>
<body><h1>${text(title)}</h1><main></main>
<p>Drag it: what is then marked as a preview is a sum over what is drawn. The exact numbers, as torch computes them: <a href="${text(shareable(location.href))}">this state in the KL explorer</a>.</p>
<script type="module">
${script.replaceAll("</script", "<\\/script")}
entry({ data: ${scene}, parentElement: document.querySelector("main"), setTriggerValue() {} });
</script></body></html>`;
  save(new Blob([page], { type: "text/html" }), `${picture.scene.export}.html`);
};

export const exportButtons = (picture) => {
  const button = (text, act) => {
    const node = make("button", { type: "button", text });
    node.addEventListener("click", () => act(picture, node));
    return node;
  };
  const kinds = [button("SVG", saveSvg), button("PNG", savePng), ...(picture.scene.standalone ? [] : [button("Interactive HTML", saveHtml)])];
  return make("div", { class: "take-along" }, [make("span", { text: "Save picture" }), ...kinds]);
};
