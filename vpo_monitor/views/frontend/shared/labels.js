// Labels with values, as cards or as a list. Both are description lists.
import { copy } from "./copy.js";
import { formatDuration } from "./duration.js";
import { follow } from "./go_to.js";
import { isStale } from "./stale.js";

const make = () => {
  const card = document.createElement("div");
  for (const kind of ["dt", "dd", "dd"]) card.append(document.createElement(kind));
  card.lastChild.className = "note";
  return card;
};
const fill = (card, item, layout) => {
  const { label, text, note = "", wide = false, alarm = false, target, hint = "" } = item;
  const [name, value, below] = card.children;
  card.className = `vpo-card${wide ? " wide" : ""}${alarm ? " alarm" : ""}`;
  name.textContent = label;
  below.textContent = note;
  below.hidden = !note && layout !== "large";
  if (item.ago != null) {  // both parts keep their elements while the time moves on
    if (!value.querySelector("time"))
      value.replaceChildren(document.createElement("time"), " ", document.createElement("span"));
    value.lastChild.textContent = text;
    return;
  }
  if (!target) {
    if (value.firstChild?.nodeValue !== text) value.replaceChildren(text);
    return;
  }
  if (!value.querySelector("a")) {
    value.replaceChildren(document.createElement("a"));
    follow(value.firstChild);
  }
  value.firstChild.href = target;
  value.firstChild.textContent = text;
  value.firstChild.title = hint;
  value.firstChild.ariaLabel = `${label}: ${text}`;
};
const showCopy = (card, text, copyable) => {
  if (!copyable || card.querySelector("button")) return;
  const button = document.createElement("button");
  button.textContent = "Copy";
  button.onclick = async () => { button.textContent = (await copy(text)) ? "Copied" : "Failed"; };
  card.children[1].append(" ", button);
};
/** Draws them; returns a function to call each second with the seconds since then, if any count. */
export const drawLabels = (box, data) => {
  box.className = data.layout === "facts" ? "vpo-facts" : `vpo-cards ${data.layout}`;
  // Reuse the elements, so that a focused card keeps the focus, and a list its scroll position.
  while (box.children.length > data.cards.length) box.lastChild.remove();
  while (box.children.length < data.cards.length) box.append(make());
  data.cards.forEach((card, place) => fill(box.children[place], card, data.layout));
  data.cards.forEach(({ text, copyable }, place) => showCopy(box.children[place], text, copyable));
  if (data.layout === "facts")  // long values scroll in place, also by keyboard
    for (const value of box.querySelectorAll("dd"))
      if (value.scrollHeight > value.clientHeight) value.tabIndex = 0;
      else value.removeAttribute("tabindex");
  const running = data.cards.flatMap(({ running: seconds }, place) =>
    seconds == null ? [] : [[box.children[place].children[1], seconds]]
  );
  const aging = data.cards.flatMap(({ ago }, place) =>
    ago == null ? [] : [[box.children[place].querySelector("time"), ago]]
  );
  if (!running.length && !aging.length) return null;
  return (passed) => {
    for (const [time, ago] of aging) time.textContent = `${formatDuration(ago + passed)} ago`;
    if (isStale()) return;  // the job may have finished
    for (const [value, seconds] of running) value.textContent = formatDuration(seconds + passed);
  };
};
