// Cancels late page changes. When Streamlit's browser code receives a page, it pushes that page's
// path, even if the viewer has gone elsewhere since: Forward would then lead nowhere, and Back to a
// page that nobody opened. Browsers without the Navigation API (before Firefox 147 and Safari 26.2)
// still do that.
export const cancelLatePages = () => {
  if (window.vpoCancelsLatePages || !window.navigation) return;
  window.vpoCancelsLatePages = true;
  addEventListener("popstate", () => (window.vpoPageChosen = false));
  addEventListener("click", (event) => {
    if (event.composedPath().some((element) => element.tagName === "A")) allowPage();
  }, true);
  navigation.addEventListener("navigate", (event) => {
    const { navigationType, destination } = event;
    if (navigationType !== "push" || !destination.sameDocument) return;
    const isOtherPage = new URL(destination.url).pathname !== location.pathname;
    if (isOtherPage && window.vpoPageChosen === false) event.preventDefault();
  });
};
// Call this before a page is opened other than by a link.
export const allowPage = () => (window.vpoPageChosen = true);
