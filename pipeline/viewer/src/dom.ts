// Elements are built here and nowhere else. What comes from a run is strangers' words: it is only ever text.

type Child = Node | string | null | undefined | false;

interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/** An element with attributes, listeners (`onclick`, …) and children; strings become text nodes. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return dress(document.createElement(tag), attributes, children);
}

/** As `el`, for drawings. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function dress<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** The element of the page with an id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** A button that looks like a link. */
export function link(text: string, act: () => void, label?: string): HTMLButtonElement {
  return el("button", { type: "button", class: "link", onclick: act, "aria-label": label }, text);
}

/** Says something to who listens to the page. */
export function announce(text: string): void {
  byId("live").textContent = text;
}
