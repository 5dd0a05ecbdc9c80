import type { Adapter } from "../adapter.ts";
import type { Job } from "../job.ts";

/** What this process was started for. */
export function jobOfProcess(): Job {
  return JSON.parse(process.env.BENCH_JOB ?? "");
}

export async function adapterOf({ adapter }: Pick<Job, "adapter">): Promise<Adapter> {
  const module = (await import(`../adapters/${adapter}.ts`)) as { adapter: Adapter };
  return module.adapter;
}
