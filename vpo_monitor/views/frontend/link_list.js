import { formatDuration } from "./shared/duration.js";
import { follow } from "./shared/go_to.js";
import { isStale } from "./shared/stale.js";

const make = () => {
  const line = document.createElement("li");
  const parts = {};
  for (const [name, kind] of [["icon", "i"], ["title", "span"], ["ago", "time"],
                              ["text", "span"], ["more", "span"]]) {
    parts[name] = document.createElement(kind);
    parts[name].className = name;
    line.append(parts[name]);
  }
  parts.icon.ariaHidden = "true";
  parts.link = document.createElement("a");
  follow(parts.link);
  return { line, parts };
};
const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const show = (data, drawn, parentElement) => {
  clearInterval(parentElement.timer);
  const box = parentElement.querySelector(".vpo-list");
  const lines = (parentElement.lines ??= new Map());
  const wanted = new Set(data.items.map((item) => item.id));
  for (const [id, { line }] of lines) if (!wanted.has(id)) { line.remove(); lines.delete(id); }
  data.items.forEach((item, place) => {
    if (!lines.has(item.id)) lines.set(item.id, make());
    const { line, parts } = lines.get(item.id);
    line.className = item.tone;
    put(parts.icon, item.icon);
    if (item.target) {
      parts.link.href = item.target;
      put(parts.link, item.title);
      if (parts.link.parentElement !== parts.title) parts.title.replaceChildren(parts.link);
    } else put(parts.title, item.title);
    put(parts.text, item.text);
    parts.text.hidden = !item.text;
    put(parts.more, item.more);
    parts.more.hidden = !item.more;
    parts.ago.hidden = item.ago === null;
    parts.ago.title = item.at;
    if (box.children[place] !== line) box.insertBefore(line, box.children[place] ?? null);
  });
  const tick = () => {
    for (const item of data.items)
      // With old data, nobody knows if a job is still queued.
      if (item.ago !== null &&
          !(item.waits && isStale() && lines.get(item.id).parts.ago.textContent)) {
        const ago = formatDuration(item.ago + (Date.now() - drawn) / 1000);
        put(lines.get(item.id).parts.ago, item.waits ? "waiting for " + ago : ago + " ago");
      }
  };
  tick();
  return (parentElement.timer = setInterval(tick, 1000));
};
// Lines must not slide under a mouse that is about to press one: they wait until it has left.
export default function ({ data, parentElement }) {  // it may be called more than once
  const box = parentElement.querySelector(".vpo-list");
  const drawn = Date.now();
  const ids = data.items.map((item) => item.id).join();
  let timer;
  const update = () => {
    parentElement.ids = ids;
    box.onmouseleave = null;
    timer = show(data, drawn, parentElement);
  };
  const isPointedAt = matchMedia("(hover: hover)").matches && box.matches(":hover");
  if (isPointedAt && (parentElement.ids ?? ids) !== ids) box.onmouseleave = update;
  else update();
  return () => clearInterval(timer);  // not the one of a later call
}
