// Whether the page's data is old: what was running may have finished.
export const isStale = () => document.documentElement.hasAttribute("data-old");
