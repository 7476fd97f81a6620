// Keeps a page that was left before it was drawn out of the history. When Streamlit's browser code
// hears of a page, it pushes that page's path, with the parameters of the current one, even if the
// viewer has gone to another page since: Forward then leads nowhere, and Back to a page that nobody
// opened. Browsers without the Navigation API (before Firefox 147 and Safari 26.2) still do that.
export const ignoreLatePages = () => {
  if (window.vpoIgnoresLatePages || !window.navigation) return;
  window.vpoIgnoresLatePages = true;
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
