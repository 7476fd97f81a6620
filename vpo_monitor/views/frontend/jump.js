import { goTo } from "./shared/go_to.js";

export default function ({ data }) {
  if (data.turn === window.vpoJumped) return;
  window.vpoJumped = data.turn;
  // Mark the current URL, so that Back and a reload restore it.
  const here = new URL(location);
  for (const [name, value] of Object.entries(data.mark)) here.searchParams.set(name, value);
  history.replaceState(history.state, "", here);
  goTo(data.target);
}
