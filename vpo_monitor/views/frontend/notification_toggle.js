import { storageOf } from "./shared/storage.js";

const WANTED = "vpo-monitor-notifications";
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const show = () => {
    const can = "Notification" in window && window.isSecureContext;
    const denied = can && Notification.permission === "denied";
    const on = can && Notification.permission === "granted"
      && storageOf("localStorage")?.getItem(WANTED) === "on";
    button.querySelector("span").textContent = on ? "Notifications: on" : "Notifications";
    button.ariaPressed = String(on);
    button.disabled = !can || denied;
    button.title = !can
      ? "Notifications need HTTPS or localhost; in-page alerts still work."
      : denied
        ? "Notifications are blocked. Allow them for this page in the browser's settings."
        : on
          ? "You are notified when a followed job or the queue finishes. Click to turn off."
          : "Get notified when a followed job or the queue finishes.";
  };
  button.onclick = async () => {
    const on = button.ariaPressed === "true";
    if (!on && await Notification.requestPermission() !== "granted") return show();
    storageOf("localStorage")?.setItem(WANTED, on ? "off" : "on");
    show();
    dispatchEvent(new Event("vpo-pulse"));
  };
  show();
}
