export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".vpo-facts");
  box.replaceChildren(...data.facts.map((fact) => {
    const pair = document.createElement("div");
    for (const [place, kind] of ["dt", "dd"].entries()) {
      const part = document.createElement(kind);
      part.textContent = fact[place];
      pair.append(part);
    }
    return pair;
  }));
  // Long values scroll in place, also by keyboard.
  for (const value of box.querySelectorAll("dd"))
    if (value.scrollHeight > value.clientHeight) value.tabIndex = 0;
}
