export default ({ setTriggerValue }) => {
  const move = window.vpoMove = (turn) => setTriggerValue("turn", turn);
  return () => { if (window.vpoMove === move) delete window.vpoMove; };
};
