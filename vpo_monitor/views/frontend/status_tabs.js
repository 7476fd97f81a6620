import { follow } from "./shared/go_to.js";

const withSearch = (target) => {
  const url = new URL(target);
  const typed = document.querySelector(".st-key-filter-search input").value.trim();
  if (typed) url.searchParams.set("search", typed);
  else url.searchParams.delete("search");
  return url.href;
};

const make = () => {
  const link = document.createElement("a");
  link.append(document.createElement("span"), " ", document.createElement("span"));
  link.lastChild.className = "count";
  follow(link);
  // A search field that is left sends what was typed, and one of both runs would undo the other. So
  // the tab takes it along, and only then takes the focus.
  link.addEventListener("mousedown", (event) => {
    event.preventDefault();
    link.href = withSearch(link.href);
  });
  link.addEventListener("click", () => link.focus());
  return link;
};

export default function ({ data, parentElement }) {
  const row = parentElement.querySelector(".vpo-tabs");
  // The elements stay, so that a focused tab keeps the focus.
  while (row.children.length < data.tabs.length) row.append(make());
  data.tabs.forEach(({ label, count, target, current }, place) => {
    const link = row.children[place];
    const number = link.lastChild;
    link.href = target;
    link.ariaCurrent = current ? "page" : null;
    link.firstChild.textContent = label;
    number.textContent = count;
    number.hidden = !count;
    // As wide as the longest number so far, so that no tab moves when a number has fewer digits.
    number.digits = Math.max(number.digits ?? 2, count.length);
    number.style.minWidth = `${number.digits}ch`;
  });
}
