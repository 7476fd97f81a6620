export default function ({ data, parentElement, setTriggerValue }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const set = (value, more) => {
    document.cookie =
      `${data.name}=${value}; Path=${data.path}; SameSite=Strict${secure}${more}`;
  };
  const held = document.cookie.split("; ")
    .find((one) => one.startsWith(data.name + "="))?.slice(data.name.length + 1);
  parentElement.channel ??= new BroadcastChannel(data.name + data.path);
  const channel = parentElement.channel;
  channel.onmessage = () => setTriggerValue("news", true);
  if (data.token && held !== data.token) {
    if (!held || held === data.refused) set(data.token, "");
    else if (held !== parentElement.told) { // another tab has logged in: both use one token
      parentElement.told = held;
      setTriggerValue("held", held);
    }
  }
  if (data.left !== undefined && data.left !== parentElement.left) {
    parentElement.left = data.left;
    if (held === data.left) set("", "; Max-Age=0");
    channel.postMessage("out");
    if (data.account) setTriggerValue("left", true);
  }
  return () => { channel.close(); delete parentElement.channel; };
}
