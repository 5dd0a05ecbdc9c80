import type { Adapter } from "../adapter.ts";
import type { BenchJob } from "../job.ts";

/** Returns the job that the parent passed in the environment. */
export function jobOfProcess(): BenchJob {
  return JSON.parse(process.env.BENCH_JOB ?? "");
}

export async function adapterOf({ adapter }: Pick<BenchJob, "adapter">): Promise<Adapter> {
  const module = (await import(`../adapters/${adapter}.ts`)) as { adapter: Adapter };
  return module.adapter;
}
