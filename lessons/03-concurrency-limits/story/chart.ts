import { bad, good, say, sparkline } from "shared/console";
import { CAPACITY } from "./api.ts";
import type { Gauge } from "./gauge.ts";

/** A period, in milliseconds of `performance.now()`. */
export type Span = { from: number; to: number };

/** Prints what was running at each moment: one line per worker, the API below them, and how long it took. */
export function chart(span: Span, workers: Gauge[], slots: number, api: Gauge): void {
  const moments = momentsOf(span);
  const levels = (gauge: Gauge) => moments.map((moment) => gauge.levelAt(moment));

  workers.forEach((worker, index) => {
    line(`worker-${index + 1}`, sparkline(levels(worker), slots), `ran ${worker.total}`);
  });
  say();
  // One line for every 10 calls, so the calls that the API cannot handle are above those that it can.
  for (let below = CAPACITY * Math.floor((api.most - 1) / CAPACITY); below > 0; below -= CAPACITY) {
    const above = levels(api).map((level) => level - below);
    line("", bad(sparkline(above, CAPACITY)), `${below + 1} to ${below + CAPACITY}`);
  }
  line("the API", good(sparkline(levels(api), CAPACITY)), `1 to ${CAPACITY} calls at once`);
  say();
  const tookMs = span.to - span.from;
  const columnMs = Math.round(tookMs / moments.length);
  say(`${api.total} calls in ${(tookMs / 1_000).toFixed(1)} s. One column is ${columnMs} ms.`);
}

const MOMENT_MS = 40;
// On a slow machine each moment is longer, so that a line still fits the page.
const MAX_MOMENTS = 64;

function momentsOf({ from, to }: Span): number[] {
  const count = Math.min(Math.ceil((to - from) / MOMENT_MS), MAX_MOMENTS);
  return Array.from({ length: count }, (_, index) => from + ((to - from) * (index + 0.5)) / count);
}

function line(name: string, bars: string, label: string): void {
  say(`  ${name.padEnd(10)}${bars}  ${label}`);
}
