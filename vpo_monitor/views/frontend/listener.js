// Reports three events. The tab was hidden or shown. The page needs a redraw. The browser has
// reconnected: after an app restart or a long absence there is a new session without fragments, so
// ticks and buttons do nothing until the whole page has run once.
//
// A page also needs a redraw if its last one was never finished in the browser. Streamlit's frontend
// removes stale elements when a run ends, but the server drops that message if the next run, such as
// a tick, begins before it is sent. Then outdated elements stay on screen.
const SETTLED = 200; // milliseconds after a tick
const app = document.querySelector(".stApp");
const isDone = () => app.dataset.testScriptState === "notRunning";
const isTwice = () => [...window.vpoDrawings ?? []].filter((e) => e.isConnected).length > 1;
export default function ({ parentElement, setTriggerValue }) {
  parentElement.stop?.();  // it may be called more than once
  const tell = () => {
    const visible = document.visibilityState !== "hidden";
    if (!visible) clearTimeout(parentElement.timer);
    if (!window.vpoPulse || visible === parentElement.told) return;
    parentElement.told = visible;
    window.vpoPulse.setStateValue("visible", visible);
  };
  const onPulse = () => {
    parentElement.told = window.vpoPulse.data.heard.visible;
    tell();
    clearTimeout(parentElement.timer);
    clearTimeout(parentElement.settling);
    const { redraw, move, redraw_in: wait, drawing } = window.vpoPulse.data;
    if (!drawing)
      parentElement.settling = setTimeout(
        () => { if (isDone() && isTwice()) window.vpoRedraw(Date.now()); }, SETTLED);
    if (wait !== undefined)
      parentElement.timer = setTimeout(
        () => (window.vpoMove ?? window.vpoRedraw)?.(Date.now()), wait * 1000);
    const turn = redraw ?? move;
    if (!turn || turn === parentElement.turn) return;
    parentElement.turn = turn;
    (redraw ? window.vpoRedraw : window.vpoMove)?.(turn);
  };
  const isConnected = () => app.dataset.testConnectionState === "CONNECTED";
  const watch = new MutationObserver(() => {
    if (!isConnected()) parentElement.wasAway = true;
    else if (parentElement.wasAway) {
      parentElement.wasAway = false;
      setTriggerValue("back", true);
    }
  });
  watch.observe(app, { attributeFilter: ["data-test-connection-state"] });
  document.addEventListener("visibilitychange", tell);
  addEventListener("vpo-pulse", onPulse);
  if (window.vpoPulse) onPulse();
  parentElement.stop = () => {
    clearTimeout(parentElement.timer);
    clearTimeout(parentElement.settling);
    watch.disconnect();
    document.removeEventListener("visibilitychange", tell);
    removeEventListener("vpo-pulse", onPulse);
  };
  return () => { parentElement.stop(); delete window.vpoPulse; };
}
