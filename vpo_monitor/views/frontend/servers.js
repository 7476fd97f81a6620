// Plain links, which open a new session. In the menu they lead to the same page and filters, in the
// overview's list to the overview. URLs are computed just before use, as filters change the page's.
const MOST_IN_A_ROW = 4;
const OF_ONE_SERVER = ["page", "selected", "id", "line"];
const urlAt = (server) => {
  const url = new URL(location);
  url.pathname = url.pathname.replace(/\/job\/?$/, "/jobs");  // a job belongs to one server
  for (const parameter of OF_ONE_SERVER) url.searchParams.delete(parameter);
  url.searchParams.set("server", server);
  return url.href;
};
const make = (kind, text, looks) => {
  const element = document.createElement(kind);
  element.textContent = text;
  element.className = looks;
  return element;
};
const makeLink = (name) => {
  const link = make("a", name, "name");
  const aim = () => { link.href = urlAt(name); };
  aim();
  for (const kind of ["pointerover", "pointerdown", "focus", "click"])
    link.addEventListener(kind, aim);
  return link;
};
const makeLine = ({ name, state }, current) => {
  const line = document.createElement("li");
  const link = name === current ? make("a", name, "name") : makeLink(name);
  if (name === current) line.ariaCurrent = "true";
  if (!state) {
    line.append(link);
    return line;
  }
  const word = make("span", "", "");
  word.append(make("b", state.word, state.color));
  line.classList.toggle("no-answer", state.old);
  line.append(word, link, make("span", state.counts, state.old ? "counts old" : "counts"),
    make("span", state.runs, "runs"));
  return line;
};
export default function ({ data, parentElement }) {
  const [nav, list] = ["nav", "ul"].map((one) => parentElement.querySelector(one));
  nav.ariaLabel = data.layout === "menu" ? "Servers" : "All servers";
  const focused = list.getRootNode().activeElement?.textContent;
  const { length } = data.servers;
  list.className = data.layout + (length > MOST_IN_A_ROW ? " many" : "");
  list.style.setProperty("--columns", Math.min(length, MOST_IN_A_ROW));
  list.replaceChildren(...data.servers.map((server) => makeLine(server, data.current)));
  for (const link of list.querySelectorAll("a[href]"))
    if (link.textContent === focused) link.focus();  // keep the keyboard focus
}
