// Keeps an element at least as high as it has been, so that what is below it never moves up.
// Another width is another layout: then it starts over. Returns a function that ends this.
export const keepHeight = (element) => {
  let width = 0, height = 0;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth !== width) {
      element.style.minHeight = "";
      [width, height] = [element.clientWidth, 0];
    }
    height = Math.max(height, element.getBoundingClientRect().height);
    element.style.minHeight = `${height}px`;
  });
  observer.observe(element);
  return () => observer.disconnect();
};
