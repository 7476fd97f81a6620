// Adds the server to all links within the app, including Streamlit's own, so that they also work in
// a new tab and for other people.
const below = (path) => path.replace(/\/(jobs|job|timeline|statistics|server)?\/?$/, "");
export default function ({ data, parentElement }) {
  parentElement.stop?.();  // it may be called more than once
  const aim = (event) => {
    const link = event.composedPath().find((one) => one.localName === "a" && one.href);
    if (!link) return;
    const url = new URL(link.href);
    const isWithin = url.origin === location.origin
      && below(url.pathname) === below(location.pathname);
    if (!isWithin || url.searchParams.has("server")) return;
    const written = link.getAttribute("href");
    const name = encodeURIComponent(data.name);
    link.href = written + (written.includes("?") ? "&" : "?") + "server=" + name;
  };
  const kinds = ["pointerover", "pointerdown", "focusin", "click"];
  for (const kind of kinds) addEventListener(kind, aim, true);
  parentElement.stop = () => {
    for (const kind of kinds) removeEventListener(kind, aim, true);
  };
  return parentElement.stop;
}
