// The browser's notifications. Android shows only those of a service worker; depending on the
// browser, any part of this may be missing or throw.
const WANTED = "vpo-monitor-notifications";
const NEEDS_HTTPS = {
  label: "Notifications need HTTPS",
  text: "Notifications need HTTPS or localhost; in-page alerts still work.",
};
const UNSUPPORTED = {
  label: "Notifications unsupported",
  text: "This browser has no notifications; in-page alerts still work. On an iPhone or iPad, add " +
    "the app to the Home Screen and open it there.",
};
const BLOCKED = {
  label: "Notifications blocked",
  text: "Notifications are blocked. Allow them for this page in the browser's settings.",
};
const FAILED = {
  label: "Notifications failed",
  text: "The browser did not show a notification; in-page alerts still work. Reload to try again.",
};

export class Notifications {
  // `storage` may be null: the choice is then kept until the next reload.
  constructor(storage) {
    this.storage = storage;
    this.wanted = null;
    this.hasFailed = false;
  }

  // Why there can be none, as a label and a sentence; null if they are possible.
  get obstacle() {
    if (!window.isSecureContext) return NEEDS_HTTPS;
    if (!("Notification" in window)) return UNSUPPORTED;
    if (Notification.permission === "denied") return BLOCKED;
    return this.hasFailed ? FAILED : null;
  }

  get isOn() {
    const wanted = this.storage?.getItem(WANTED) ?? this.wanted;
    return !this.obstacle && Notification.permission === "granted" && wanted === "on";
  }

  // Ask the viewer for permission if needed. `base` is the path of the app.
  async toggle(base) {
    const wasOn = this.isOn;
    try {
      if (!wasOn) await Notification.requestPermission();
      this.wanted = wasOn || Notification.permission !== "granted" ? "off" : "on";
      this.storage?.setItem(WANTED, this.wanted);
    } catch {
      this.hasFailed = true;
    }
    if (this.isOn) await this.register(base);
  }

  async show({ id, title, text, target }, base, onClick) {
    const options = {
      body: text, tag: id, icon: `${base}icons/icon-192.png`, data: { target },
    };
    try {
      const registration = await this.register(base);
      if (registration) await registration.showNotification(title, options);
      else new Notification(title, options).onclick = onClick;
    } catch {
      this.hasFailed = true;
    }
  }

  // The registration of the service worker, once it is active; null if the browser has none.
  async register(base) {
    try {
      const registration = await navigator.serviceWorker.register(`${base}service-worker.js`);
      const worker = registration.installing ?? registration.waiting;
      if (!registration.active && worker)
        await new Promise((resolve) => {
          worker.onstatechange = () => worker.state.startsWith("activat") && resolve();
        });
      return registration;
    } catch {
      return null;
    }
  }
}
