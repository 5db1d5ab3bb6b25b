// eslint's recommended rules for the browser code and its tests.
import js from "@eslint/js";

const globals = (names) => Object.fromEntries(names.split(" ").map((name) => [name, "readonly"]));
const BROWSER = globals("atob document window location history navigator performance matchMedia getComputedStyle requestAnimationFrame "
  + "cancelAnimationFrame setTimeout clearTimeout fetch URL URLSearchParams Blob Image XMLSerializer ResizeObserver MutationObserver IntersectionObserver Text "
  + "sessionStorage AbortController TextDecoder crypto setInterval clearInterval "
  + "PopStateEvent structuredClone localStorage AbortController AbortSignal Element CSS HTMLElement SVGElement ShadowRoot MessageChannel addEventListener removeEventListener");

export default [
  { ignores: ["**/node_modules/", ".venv/"] },
  js.configs.recommended,
  { files: ["pages/**/*.js", "bench/*.js"], languageOptions: { globals: BROWSER } },
  { files: ["tests/**/*.js"], languageOptions: { globals: { ...BROWSER, ...globals("btoa globalThis") } } },
];
