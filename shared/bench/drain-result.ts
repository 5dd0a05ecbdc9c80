import type { Result } from "./results.ts";
import { spreadOf } from "./statistics.ts";

/** Returns a result of the drain for tests, with the median `perSecond` and a range of ±10 %. */
export function drainResult(contestant: string, kind: Result["kind"], perSecond: number): Result {
  return {
    workload: "drain",
    contestant,
    kind,
    configuration: "best",
    says: "",
    figures: { perSecond: spreadOf([perSecond, perSecond * 1.1, perSecond * 0.9]) },
    peakBytes: spreadOf([100e6]),
    capped: false,
    done: 1,
    problems: [],
  };
}
