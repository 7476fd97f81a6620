// Plain links, as in the menu, which open a new session.
const MOST_IN_A_ROW = 4;
export default function ({ data, parentElement }) {
  const make = (kind, text, looks) => {
    const element = document.createElement(kind);
    element.textContent = text;
    element.className = looks;
    return element;
  };
  const list = parentElement.querySelector("ul");
  const focused = list.getRootNode().activeElement?.textContent;
  const { length } = data.servers;
  list.className = !data.wall ? "" : length > MOST_IN_A_ROW ? "wall many" : "wall";
  list.style.setProperty("--columns", Math.min(length, MOST_IN_A_ROW));
  list.replaceChildren(...data.servers.map((server) => {
    const line = document.createElement("li"), word = document.createElement("span");
    const link = make("a", server.name, "");
    line.classList.toggle("no-answer", server.old);
    if (server.name === data.current) line.ariaCurrent = "true";
    else {
      const url = new URL(location);
      url.searchParams.set("server", server.name);
      link.href = url.href;
    }
    word.append(make("b", server.word, server.color));
    const counts = make("span", server.counts, server.old ? "counts old" : "counts");
    line.append(word, link, counts, make("span", server.runs, "runs"));
    return line;
  }));
  for (const link of list.querySelectorAll("a[href]"))
    if (link.textContent === focused) link.focus();  // keep the keyboard focus
}
