// Copies text; returns whether that worked. The clipboard API needs HTTPS or localhost; on a LAN,
// execCommand works.
export const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const aside = document.createElement("textarea");
    aside.value = text;
    aside.style.position = "fixed";
    document.body.append(aside);
    aside.select();
    const worked = document.execCommand("copy");
    aside.remove();
    return worked;
  }
};
