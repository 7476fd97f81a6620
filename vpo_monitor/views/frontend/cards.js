// Cards and lists of labels with values, and a card for each running job; elapsed times count on.
import { drawLabels } from "./shared/labels.js";
import { drawRunningJobs } from "./shared/running_jobs.js";

export default function ({ data, parentElement }) {
  clearInterval(parentElement.timer);  // this may be called more than once
  const [kind, draw] = data.layout === "running" ? ["div", drawRunningJobs] : ["dl", drawLabels];
  const box = (parentElement.box ??= parentElement.appendChild(document.createElement(kind)));
  const count = draw(box, data);
  if (!count) return;
  const drawn = Date.now();
  const tick = () => count((Date.now() - drawn) / 1000);
  tick();
  const timer = parentElement.timer = setInterval(tick, 1000);
  return () => clearInterval(timer);  // not the one of a later call
}
