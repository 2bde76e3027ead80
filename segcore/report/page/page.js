// Draws the charts from their specifications. Until one is drawn, and where scripts do not run, its picture stays.
(async () => {
  const packed = atob(document.getElementById("vega").textContent.trim());
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  (0, eval)(await new Response(stream).text());
  const figures = [...document.querySelectorAll("figure.chart")];
  const drawn = await Promise.all(figures.map(async (figure) => {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const place = document.createElement("div");
    const actions = spec.width > 300 && { export: true, source: false, compiled: false, editor: false };
    try {
      await vegaEmbed(place, spec, { renderer: "svg", actions });
    } catch (error) {
      console.error(error);
      return null;
    }
    return () => figure.replaceChildren(place);
  }));
  // All at once, so that the page changes from pictures to drawings in one step.
  drawn.forEach((show) => show && show());
  document.documentElement.classList.add("drawn");
})().catch((error) => console.error(error));
