// If a fragment of another page runs, Streamlit's frontend empties the page for good.
// `left_page` drops such runs. If a page is empty anyway, this guard reloads it, as Back would.
const EVERY = 400; // milliseconds
const DONE = 2, AT_WORK = 12, ASKED = -10; // of them
export default function () {
  if (window.vpoGuard) return;
  const app = document.querySelector(".stApp");
  const isEmpty = () =>
    app.dataset.testConnectionState === "CONNECTED" &&
    !app.querySelector(".stMain [data-testid=stElementContainer]");
  let seen = 0;
  window.vpoGuard = setInterval(() => {
    seen = isEmpty() ? seen + 1 : 0;
    if (seen < (app.dataset.testScriptState === "notRunning" ? DONE : AT_WORK)) return;
    seen = ASKED;
    dispatchEvent(new PopStateEvent("popstate"));
  }, EVERY);
}
