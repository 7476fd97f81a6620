// A cookie, because the server sees it before the first drawing: a dismissed note never flashes.
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  try {
    document.cookie = `${data.name}=hidden; Path=${data.path}; SameSite=Strict${secure}`;
  } catch { /* blocked: the note is back after a reload */ }
}
