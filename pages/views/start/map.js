// @ts-check
// Scene 10: the map. Four groups of pages, the question each answers, and two routes marked by numbers.

import { visit } from "../../frame/teach/address.js";
import { draw, make } from "../../shared/live/draw.js";
import { baseOf } from "../../shared/base.js";

const opened = (link) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || document.getElementById("kl-opening")) return;
  event.preventDefault();
  visit(link.href);
  document.querySelector(".stMain")?.scrollTo(0, 0);
});

const picture = ({ marks, size }) => draw("svg", { viewBox: `0 0 ${size.join(" ")}`, preserveAspectRatio: "xMinYMax meet", "aria-hidden": "true" }, marks.map(({ style, d, text, x, y }) => (
  d ? draw("path", { class: style, d }) : draw("text", { class: style, x, y, text })
)));

const stop = (route, number) => make("span", { class: `stop ${route.shape}`, title: `${route.title}, stop ${number}`, text: String(number) });

const card = (page, routes, base) => {
  const stops = routes.flatMap((route) => (route.pages.includes(page.name) ? [stop(route, route.pages.indexOf(page.name) + 1)] : []));
  const title = make("strong", {}, [page.title, make("span", { class: "arrow", text: " →", "aria-hidden": "true" })]);
  const link = make("a", { class: "page", href: page.scene ? `?scene=${page.scene}` : `${base}${page.name}` }, [picture(page), make("span", { class: "row" }, [title, ...stops]), make("span", { class: "answers", text: page.question })]);
  if (!page.scene) opened(link);
  return link;
};

const route = ({ title, shape, pages }, all, base) => {
  const link = make("a", { href: `${base}${pages[0]}` }, [`${title} →`]);
  opened(link);
  const stops = pages.map((name, i) => make("li", {}, [make("span", { class: `stop ${shape}`, text: String(i + 1), "aria-hidden": "true" }), all.find((page) => page.name === name).title]));
  return make("li", {}, [link, make("ol", {}, stops)]);
};

// The map as an element: routes first, where a visitor in a hurry looks, then the groups.
export const siteMap = ({ groups, routes }) => {
  const all = groups.flatMap((group) => group.pages);
  const base = baseOf(location.href, all.map((page) => page.name));
  return make("div", { class: "map" }, [
    make("ul", { class: "routes" }, routes.map((path) => route(path, all, base))),
    make("nav", { class: "groups", "aria-label": "All pages" }, groups.map(({ title, question, pages }) => make("div", { class: "group" }, [
      make("h3", { text: title }), make("p", { class: "answers", text: question }), ...pages.map((page) => card(page, routes, base)),
    ]))),
  ]);
};
