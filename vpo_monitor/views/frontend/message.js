// Hands data to the page's other scripts. Streamlit sends a component's script with every change of
// its data, so what changes often goes through this small one.
export default (message) => {
  (window.vpoMessages ??= {})[message.data.kind] = message;
  dispatchEvent(new Event(`vpo-${message.data.kind}`));
};
