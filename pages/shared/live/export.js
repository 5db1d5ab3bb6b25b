// The picture to take along: every panel in one SVG with its styles written into it, or the same as PNG.

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "font", "opacity", "visibility",
  "paint-order", "text-anchor", "stroke-linejoin"];

const inlined = (svg) => {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(from[i]);
    node.setAttribute("style", KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    for (const name of ["role", "tabindex"]) node.removeAttribute(name);
  });
  copy.querySelectorAll(".reach, .cursor").forEach((node) => node.remove());
  return copy;
};

const composed = (picture) => {
  const width = picture.root.querySelector(".live").clientWidth;
  const box = picture.root.querySelector(".live").getBoundingClientRect();
  const style = getComputedStyle(picture.root.querySelector(".live"));
  const sheet = draw("svg", { xmlns: SVG, width, "font-family": style.fontFamily });
  let bottom = 0;
  for (const panel of picture.panels) {
    const place = panel.svg.getBoundingClientRect();
    const copy = inlined(panel.svg);
    const head = panel.readout ? 26 : 0;
    put(copy, { x: place.left - box.left, y: place.top - box.top, width: place.width, height: place.height });
    sheet.append(copy);
    if (panel.readout) {
      const { spec, output, unit } = panel.readout;
      sheet.append(draw("text", {
        x: place.left - box.left + 6, y: place.top - box.top - 8, fill: style.color, "font-size": 15,
        text: `${spec.title} = ${output.textContent} ${unit.textContent} (${spec.note})`,
      }));
    }
    bottom = Math.max(bottom, place.bottom - box.top + head);
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

const copyLink = async (picture, node) => {
  const label = node.textContent;
  try {
    await navigator.clipboard.writeText(location.href);
    put(node, { text: "Link copied" });
  } catch {
    put(node, { text: "Copy it from the address bar" });
  }
  setTimeout(() => put(node, { text: label }), 2000);
};

const exportButtons = (picture) => {
  const button = (text, act) => {
    const node = make("button", { type: "button", text });
    node.addEventListener("click", () => act(picture, node));
    return node;
  };
  return make("div", { class: "take-along" }, [
    make("span", { text: "Save picture" }), button("SVG", saveSvg), button("PNG", savePng), button("Copy link", copyLink),
  ]);
};
