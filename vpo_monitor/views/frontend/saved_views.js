import { follow } from "./shared/go_to.js";

const STORAGE_KEY = "vpo-monitor-views";
const LONGEST_NAME = 40, LONGEST_QUERY = 4000;

// Saved data may come from another version, or be edited by hand.
const isView = (one) =>
  typeof one?.name === "string" && one.name && one.name.length <= LONGEST_NAME &&
  typeof one.query === "string" && one.query.length <= LONGEST_QUERY;

/** The saved views; null if the browser blocks storage for this page. */
const load = () => {
  let text;
  try {
    text = localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
  try {
    const views = JSON.parse(text);
    return Array.isArray(views) ? views.filter(isView) : [];
  } catch {
    return [];
  }
};

/** Returns whether the views could be saved. */
const save = (views) => {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(views));
    return true;
  } catch {
    return false;
  }
};

/** Adds a view: replaces one of the same name, renames one of the same filters. */
const withView = (views, view) => {
  const place = views.findIndex((one) => one.name === view.name || one.query === view.query);
  const others = views.filter((one) => one.name !== view.name && one.query !== view.query);
  return place < 0 ? [...others, view] : others.toSpliced(place, 0, view);
};

const make = (view, { page, query }, remove) => {
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.textContent = view.name;
  const url = new URL(page, location);
  for (const [name, value] of new URLSearchParams(view.query)) url.searchParams.set(name, value);
  link.href = url.href;
  if (view.query === query) link.ariaCurrent = "page";
  follow(link);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.ariaLabel = button.title = "Remove " + view.name;
  button.onclick = remove;
  line.append(link, button);
  return line;
};

export default function ({ data, parentElement }) {
  parentElement.stop?.();  // it may be called more than once
  const [list, opener, form, status] = ["ul", ".opener", "form", "p"].map((one) =>
    parentElement.querySelector(one));
  const input = form.querySelector("input");
  const setStatus = (text) => { status.textContent = text; };
  const show = () => {
    const views = load() ?? [];
    list.replaceChildren(...views.map((view) => make(view, data, () => remove(view.name))));
    const isSaved = views.some((one) => one.query === data.query);
    opener.textContent = isSaved ? "Rename view" : "Save view";
  };
  const close = () => {
    form.hidden = true;
    opener.hidden = false;
  };
  const remove = (name) => {
    const before = load() ?? [];
    const after = before.filter((one) => one.name !== name);
    setStatus(save(after) ? "" : data.closed);
    show();
    const place = Math.min(before.findIndex((one) => one.name === name), after.length - 1);
    (list.children[place]?.querySelector("a") ?? opener).focus();
  };
  opener.onclick = () => {
    const views = load();
    if (views === null) return setStatus(data.closed);
    setStatus("");
    input.value = views.find((one) => one.query === data.query)?.name ?? "";
    opener.hidden = true;
    form.hidden = false;
    input.focus();
    input.select();
  };
  form.querySelector(".cancel").onclick = () => { close(); setStatus(""); opener.focus(); };
  form.onkeydown = (event) => { if (event.key === "Escape") form.querySelector(".cancel").click(); };
  form.onsubmit = (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name) return input.focus();
    const views = withView(load() ?? [], { name, query: data.query });
    if (views.length > data.most) return setStatus(data.full);
    if (!save(views)) return setStatus(data.closed);
    close();
    setStatus("");
    show();
    list.querySelector("[aria-current]")?.focus();
  };
  show();
  const onStorage = (event) => { if (event.key === STORAGE_KEY || event.key === null) show(); };
  addEventListener("storage", onStorage);  // another tab has saved or removed one
  parentElement.stop = () => removeEventListener("storage", onStorage);
  return parentElement.stop;
}
