/** Stacked bars of decisions, drawn by uPlot, which is fetched only where there is a chart. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Bucket } from "../api/types/overview";
import { number, tick } from "../format";

interface Kind {
  kind: "allow" | "stepUp" | "block" | "notAssigned";
  name: string;
  colour: string;
}

const HEIGHT = 200;

/** Draw into `box`; a click on a bar opens its bucket. What is returned takes the drawing away. */
export function draw(box: HTMLElement, buckets: readonly Bucket[], kinds: readonly Kind[], open: (bucket: Bucket) => void): () => void {
  const colour = (name: string) => getComputedStyle(box).getPropertyValue(name).trim();
  // The last bar stands on its whole width, as far as it has come.
  const step = buckets.length > 1 ? (Date.parse(buckets[1]!.start) - Date.parse(buckets[0]!.start)) / 1000 : 60;
  const xs = buckets.map((each) => Date.parse(each.start) / 1000);
  // Each series is the sum of those below it; the tallest is drawn first and the others over it.
  const sums = kinds.map((_, at) => buckets.map((each) => kinds.slice(0, at + 1).reduce((sum, one) => sum + each[one.kind], 0)));
  const order = kinds.map((_, at) => at).reverse();
  const bars = uPlot.paths.bars!({ size: [0.8, 40], align: 1 });
  const axis: uPlot.Axis = {
    stroke: colour("--ink-soft"),
    font: `12px ${getComputedStyle(box).fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { show: false } },
      scales: { x: { range: (_plot, low, high) => [low, high + step] }, y: { range: (_plot, _low, high) => [0, Math.max(4, high * 1.05)] } },
      axes: [{ ...axis, grid: { show: false }, space: 70, size: 28, values: (_plot, ticks) => ticks.map((each, at) => tick(each * 1000, at === 0 ? null : ticks[at - 1]! * 1000)) }, { ...axis, size: 52, values: (_plot, ticks) => ticks.map((each) => (Number.isInteger(each) ? number(each) : "")) }],
      series: [{}, ...order.map((at) => ({ label: kinds[at]!.name, fill: colour(kinds[at]!.colour), width: 0, paths: bars, points: { show: false } }))],
    },
    [xs, ...order.map((at) => sums[at]!)] as uPlot.AlignedData,
    box,
  );
  plot.over.addEventListener("click", () => {
    // Bars begin at their instant, the cursor snaps to the nearest one.
    const at = plot.posToVal(plot.cursor.left ?? 0, "x");
    const found = buckets.findLast((each) => Date.parse(each.start) / 1000 <= at);
    if (found) open(found);
  });
  const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  watch.observe(box);
  return () => {
    watch.disconnect();
    plot.destroy();
  };
}
