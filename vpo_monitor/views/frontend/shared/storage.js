// `storageOf("localStorage")` or `storageOf("sessionStorage")`; null if storage is blocked.
export const storageOf = (name) => { try { return window[name]; } catch { return null; } };
