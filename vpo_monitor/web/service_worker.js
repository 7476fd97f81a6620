// Android shows only the notifications of a service worker. This one does nothing else: it handles
// no requests and stores nothing.
const isOfThisApp = (url) => url.href.startsWith(self.registration.scope);

const openPage = async (target) => {
  const url = new URL(target, self.registration.scope);
  if (!isOfThisApp(url)) return;
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = tabs.find((one) => {
    const address = new URL(one.url);
    return isOfThisApp(address) && !address.searchParams.has("kiosk");
  });
  if (!tab) {
    await self.clients.openWindow(url);
    return;
  }
  if (target) tab.postMessage({ target: url.pathname + url.search });
  await tab.focus();
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data?.target ?? ""));
});
