// Opens a page, given by its URL relative to the app's, with one new entry in the history.
export const goTo = (target) => {
  // The app may be served below a base path, which is kept.
  const base = location.pathname.replace(/\/(jobs|job|timeline|statistics|server)?\/?$/, "");
  history.pushState({}, "", base + "/" + target);
  window.dispatchEvent(new PopStateEvent("popstate"));
};

// Lets clicks on a link do the same.
export const follow = (link) => {
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(link.getAttribute("href"));
  };
};
