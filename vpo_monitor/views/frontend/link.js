import { follow } from "./shared/go_to.js";

export default function ({ data, parentElement }) {
  const link = parentElement.querySelector("a");
  link.textContent = data.label;
  link.href = data.target;
  follow(link);
}
