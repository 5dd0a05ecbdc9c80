import type { Adapter } from "../adapter.ts";
import type { BenchJob } from "../job.ts";

/** What this process was started for. */
export function jobOfProcess(): BenchJob {
  return JSON.parse(process.env.BENCH_JOB ?? "");
}

export async function adapterOf({ adapter }: Pick<BenchJob, "adapter">): Promise<Adapter> {
  const module = (await import(`../adapters/${adapter}.ts`)) as { adapter: Adapter };
  return module.adapter;
}
