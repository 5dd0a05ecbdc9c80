import type { Result } from "../results.ts";
import type { Workload } from "../workloads.ts";
import { figure } from "./rows.ts";
import type { Setting } from "./setting.ts";

const WIDTH = 800;
const LABELS = 190;
const VALUES = 70;
const BAR = 14;
const GAP = 5;
const HEAD = 34;

/**
 * Returns an SVG with one panel per workload and one bar per best configuration. The scale of a panel is logarithmic if
 * the largest value is more than thirty times the smallest: on a linear scale, the small bars would be invisible.
 */
export function chartOf(
  { machine, date, postgres, node }: Pick<Setting, "machine" | "date" | "postgres" | "node">,
  workloads: readonly Workload[],
  results: readonly Result[],
): string {
  let top = 8;
  const panels = workloads.flatMap((workload) => {
    const bars = barsOf(workload, results);
    if (bars.length === 0) return [];
    const panel = panelOf(workload, bars, top);
    top += HEAD + bars.length * (BAR + GAP) + 14;
    return [panel];
  });
  const foot = `${machine}, Node ${node}, Postgres ${postgres}, ${date}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 22}" role="img" aria-label="Benchmark">
<style>${STYLE}</style>
${panels.join("\n")}
<text class="foot" x="8" y="${top + 10}">${escaped(foot)}</text>
</svg>
`;
}

type Bar = { name: string; kind: Result["kind"]; value: number };

function barsOf({ name, metrics }: Workload, results: readonly Result[]): Bar[] {
  const [metric] = metrics;
  if (metric === undefined) return [];
  const bars = results
    .filter((result) => result.workload === name && result.configuration === "best")
    .filter(({ problems }) => problems.length === 0)
    .map(({ contestant, kind, figures }) => ({
      name: contestant,
      kind,
      value: figures[metric.key]?.median ?? Number.NaN,
    }))
    .filter(({ value }) => value > 0);
  return bars.sort((a, b) => (metric.better === "more" ? b.value - a.value : a.value - b.value));
}

function panelOf({ title, metrics }: Workload, bars: readonly Bar[], top: number): string {
  const [metric] = metrics;
  const values = bars.map(({ value }) => value);
  const isLog = Math.max(...values) > 30 * Math.min(...values);
  const better = metric?.better === "more" ? "longer is better" : "shorter is better";
  const head = `${title}, ${metric?.label} (${better}${isLog ? ", logarithmic" : ""})`;
  const lines = bars.map(({ name, kind, value }, index) => {
    const y = top + HEAD + index * (BAR + GAP);
    const length = Math.max(2, share(value, values, isLog) * (WIDTH - LABELS - VALUES - 16));
    return [
      `<text class="name" x="${LABELS}" y="${y + BAR - 3}">${escaped(name)}</text>`,
      `<rect class="${kind}" x="${LABELS + 8}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
      `<text class="value" x="${(LABELS + 14 + length).toFixed(1)}" y="${y + BAR - 3}">${figure(value)}</text>`,
    ].join("");
  });
  return [`<text class="title" x="8" y="${top + 18}">${escaped(head)}</text>`, ...lines].join("\n");
}

/** Returns a bar's length relative to the longest bar. On a logarithmic scale, the shortest bar is a tenth of it. */
function share(value: number, values: readonly number[], isLog: boolean): number {
  const most = Math.max(...values);
  if (!isLog) return value / most;
  const least = Math.min(...values);
  return 0.1 + (0.9 * Math.log(value / least)) / Math.log(most / least);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 13px; }
.name { text-anchor: end; }
.foot { font-size: 11px; fill: #59636e; }
.ours { fill: #0969da; }
.raw { fill: #8c959f; }
.queue { fill: #bf8700; }
.durable { fill: #8250df; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .foot { fill: #9198a1; }
  .ours { fill: #4493f8; }
  .raw { fill: #7d8590; }
  .queue { fill: #d29922; }
  .durable { fill: #ab7df8; }
}
`;
