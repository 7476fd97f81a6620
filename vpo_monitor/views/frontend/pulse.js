// Keeps the latest pulse for the listeners, which also use it to send values back to the app.
export default (pulse) => { window.vpoPulse = pulse; dispatchEvent(new Event("vpo-pulse")); };
