// A strip of states for each period, with its percentages as text, and a legend.
const make = (kind, className, text = "") => {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  return element;
};
const strip = ({ label, text, segments }) => {
  const box = make("div", "period");
  const bar = make("div", "strip");
  bar.role = "img";
  bar.ariaLabel = `${label}: ${text}`;
  for (const { state, begin, width, hint } of segments) {
    const part = make("i", state);
    part.style.left = `${begin}%`;
    part.style.width = `${width}%`;
    part.title = hint;
    bar.append(part);
  }
  const ends = make("div", "ends");
  ends.ariaHidden = "true";
  ends.append(make("span", "", label), make("span", "", "now"));
  box.append(ends, bar, make("div", "text", text));
  return box;
};
export default function ({ data, parentElement }) {
  const shown = JSON.stringify(data);
  if (parentElement.shown === shown) return;  // a hint that is being read stays
  parentElement.shown = shown;
  const legend = make("div", "legend");
  for (const { state, label } of data.legend) {
    const item = make("span", "");
    item.append(make("i", state), label);
    legend.append(item);
  }
  parentElement.querySelector(".vpo-uptime").replaceChildren(...data.strips.map(strip), legend);
}
