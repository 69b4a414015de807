// How names, times and texts are shown. What others wrote becomes text, never markup.

export function element(tag: string, className: string, ...children: (Node | string)[]) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
}

export const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

/** A list item in the name's own colour, with its initials: those are for the eye alone. */
export function itemOf(name: string, className: string, ...children: (Node | string)[]) {
  const initials = element("span", "avatar", [...name].slice(0, 2).join("").toUpperCase());
  const item = element("li", className, initials, ...children);
  initials.ariaHidden = "true";
  const hash = [...name].reduce((sum, char) => (sum * 31 + char.codePointAt(0)!) % 9973, 7);
  item.style.setProperty("--hue", String((hash * 137) % 360));
  return item;
}

export function dayOf(ms: number): string {
  const day = new Date(ms).toLocaleDateString([], { dateStyle: "full" });
  return day === new Date().toLocaleDateString([], { dateStyle: "full" }) ? "Today" : day;
}

/** The addresses of the web in it are links. */
export function linked(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/).map((part, i) => {
    const link = { href: part, target: "_blank", rel: "noopener noreferrer" };
    return i % 2 === 0 ? part : Object.assign(element("a", "", part), link);
  });
}
