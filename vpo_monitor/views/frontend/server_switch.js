// Plain links, which open a new session. Their URLs are computed just before use, as filters and
// Back change the page's URL.
const OF_ONE_SERVER = ["page", "selected", "id", "line"];
const addressAt = (name) => {
  const url = new URL(location);
  url.pathname = url.pathname.replace(/\/job\/?$/, "/jobs");  // a job belongs to one server
  for (const parameter of OF_ONE_SERVER) url.searchParams.delete(parameter);
  url.searchParams.set("server", name);
  return url.href;
};
export default function ({ data, parentElement }) {
  parentElement.querySelector("nav").replaceChildren(...data.names.map((name) => {
    const link = document.createElement("a");
    link.textContent = name;
    if (name === data.current) link.ariaCurrent = "true";
    else {
      const aim = () => { link.href = addressAt(name); };
      aim();
      for (const kind of ["pointerover", "pointerdown", "focus", "click"])
        link.addEventListener(kind, aim);
    }
    return link;
  }));
}
