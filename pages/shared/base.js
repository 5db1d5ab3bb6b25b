// @ts-check
// Where the app begins: the address of the page on screen less the page's own name. It is "https://host/" as a rule and
// "https://host/kl/" behind a proxy or with server.baseUrlPath. Python writes this function into scripts that run before any
// module can be imported (scripts.py); modules find each other by relative addresses and need it not.

export const baseOf = (address, pages) => {
  const { origin, pathname } = new URL(address);
  const path = pathname.replace(/\/+$/, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `${origin}${pages.includes(name) ? path.slice(0, path.length - name.length) : `${path}/`}`;
};
