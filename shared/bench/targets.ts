import type { Kind } from "./contestants.ts";
import type { WorkloadName } from "./job.ts";
import type { Result } from "./results.ts";
import { type Metric, PEAK, workloads } from "./workloads.ts";

/** A goal for the newest lesson in one figure, relative to others of the same benchmark or absolute. */
type Target = {
  workload: WorkloadName;
  metric: string;
  /** The kinds of contestants whose best figure is the reference. Default: the limit is absolute. */
  beside?: Kind[];
  /** The limit of our figure, divided by the reference if there is one: a minimum if more is better, else a maximum. */
  limit: number;
  says: string;
};

export type TargetVerdict = {
  workload: WorkloadName;
  says: string;
  /** The contestant with which ours was compared. */
  beside?: string;
  value: number;
  reached: boolean;
};

const PEERS: Kind[] = ["queue", "durable"];

const targets: Target[] = [
  {
    workload: "drain",
    metric: "perSecond",
    beside: PEERS,
    limit: 1.2,
    says: "≥ 1.2 × the best peer",
  },
  { workload: "drain", metric: "perSecond", beside: ["raw"], limit: 0.5, says: "≥ 0.5 × raw SQL" },
  {
    workload: "steps",
    metric: "perSecond",
    beside: PEERS,
    limit: 10,
    says: "≥ 10 × the best peer",
  },
  {
    workload: "steps",
    metric: "perSecond",
    beside: ["raw"],
    limit: 0.35,
    says: "≥ 0.35 × raw SQL",
  },
  {
    workload: "children",
    metric: "perSecond",
    beside: PEERS,
    limit: 10,
    says: "≥ 10 × the best peer",
  },
  {
    workload: "latency",
    metric: "p50Ms",
    beside: ["queue"],
    limit: 1,
    says: "p50 ≤ the best queue",
  },
  {
    workload: "latency",
    metric: "p99Ms",
    beside: ["queue"],
    limit: 1,
    says: "p99 ≤ the best queue",
  },
  { workload: "resume", metric: "ms", beside: PEERS, limit: 0.8, says: "≤ 0.8 × the best peer" },
  { workload: "depth", metric: "ratio", limit: 1.2, says: "≤ 1.2 × the cost" },
  ...workloads.map(({ name }) => ({
    workload: name,
    metric: PEAK.key,
    beside: ["durable"] as Kind[],
    limit: 1,
    says: "memory ≤ the leanest durable peer",
  })),
];

/** Returns whether the newest lesson reached each target for which the necessary figures were measured. */
export function verdictsOf(results: readonly Result[]): TargetVerdict[] {
  return targets.flatMap(({ workload, metric: key, beside, limit, says }) => {
    const metric = metricOf(workload, key);
    const here = results.filter((result) => result.workload === workload);
    const our = oursIn(here);
    if (our === undefined) return [];
    const ourValue = valueIn(our, key);
    if (beside === undefined) {
      return [{ workload, says, value: ourValue, reached: isWithin(ourValue, limit, metric) }];
    }
    const best = bestOf(
      here.filter(({ kind }) => beside.includes(kind)),
      metric,
    );
    if (best === undefined) return [];
    const value = ourValue / valueIn(best, key);
    const reached = isWithin(value, limit, metric);
    return [{ workload, says, beside: best.contestant, value, reached }];
  });
}

/** Returns the best configuration of the newest lesson that was measured. */
export function oursIn(results: readonly Result[]): Result | undefined {
  return results
    .filter(({ kind, configuration }) => kind === "ours" && configuration === "best")
    .sort((a, b) => a.contestant.localeCompare(b.contestant))
    .at(-1);
}

function bestOf(results: readonly Result[], { key, better }: Metric): Result | undefined {
  return (
    results
      .filter((result) => Number.isFinite(valueIn(result, key)) && result.problems.length === 0)
      // A run that reached its time limit has a valid rate. Its other figures, such as its memory, are too good.
      .filter(({ capped }) => key === "perSecond" || !capped)
      .sort((a, b) =>
        better === "more" ? valueIn(b, key) - valueIn(a, key) : valueIn(a, key) - valueIn(b, key),
      )
      .at(0)
  );
}

function isWithin(value: number, limit: number, { better }: Metric): boolean {
  return better === "more" ? value >= limit : value <= limit;
}

function metricOf(workload: WorkloadName, key: string): Metric {
  const metrics = workloads.find(({ name }) => name === workload)?.metrics ?? [];
  return [...metrics, PEAK].find((metric) => metric.key === key) as Metric;
}

function valueIn({ figures, peakBytes }: Result, key: string): number {
  return key === PEAK.key ? peakBytes.median : (figures[key]?.median ?? Number.NaN);
}
