// The URL is replaced: another entry in the history would make Back stop here twice.
export default function ({ data }) {
  const url = new URL(location);
  if (data.value === null || url.searchParams.get(data.name) === data.value) return;
  url.searchParams.set(data.name, data.value);
  history.replaceState(history.state, "", url);
}
