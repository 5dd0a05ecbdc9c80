import { bad, good, say, sparkline } from "shared/console";
import { CAPACITY } from "./api.ts";
import type { Gauge } from "./gauge.ts";

/** A time on the clock of `performance.now()`. */
export type Span = { from: number; to: number };

/** Prints what went on at each moment: a line for each worker, and below them the API. */
export function chart(span: Span, workers: Gauge[], slots: number, api: Gauge): void {
  const moments = momentsOf(span);
  const levels = (gauge: Gauge) => moments.map((moment) => gauge.levelAt(moment));

  workers.forEach((worker, index) => {
    line(`worker-${index + 1}`, sparkline(levels(worker), slots), `ran ${worker.total}`);
  });
  say();
  // A line for each 10 calls, so that what is too much for the API stands above what is not.
  for (let below = CAPACITY * Math.floor((api.most - 1) / CAPACITY); below > 0; below -= CAPACITY) {
    const above = levels(api).map((level) => level - below);
    line("", bad(sparkline(above, CAPACITY)), `${below + 1} to ${below + CAPACITY}`);
  }
  line("the API", good(sparkline(levels(api), CAPACITY)), `1 to ${CAPACITY} calls at once`);
}

const MOMENT_MS = 40;
// On a slow machine the moments are further apart, so that a line still fits the page.
const MOST_MOMENTS = 64;

function momentsOf({ from, to }: Span): number[] {
  const count = Math.min(Math.ceil((to - from) / MOMENT_MS), MOST_MOMENTS);
  return Array.from({ length: count }, (_, index) => from + ((to - from) * (index + 0.5)) / count);
}

function line(name: string, bars: string, label: string): void {
  say(`  ${name.padEnd(10)}${bars}  ${label}`);
}
