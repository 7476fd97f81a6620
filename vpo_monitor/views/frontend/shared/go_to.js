import { allowPage } from "./late_pages.js";

// Opens a page with one new entry in the history; with none if it replaces the current one.
// Streamlit's `switch_page` adds two if parameters change, and components have no way to open a
// page; it follows `popstate` as it follows Back.
export const goTo = (target, { replaces = false } = {}) => {
  allowPage();
  if (replaces) history.replaceState({}, "", target);
  else history.pushState({}, "", target);
  dispatchEvent(new PopStateEvent("popstate"));
};
export const follow = (link) => (link.onclick = (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(link.href);
});
