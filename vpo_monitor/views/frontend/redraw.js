window.vpoDrawings ??= new Set();
export default ({ parentElement, setTriggerValue }) => {
  window.vpoRedraw = (turn) => setTriggerValue("turn", turn);
  window.vpoDrawings.add(parentElement);
  return () => window.vpoDrawings.delete(parentElement);
};
