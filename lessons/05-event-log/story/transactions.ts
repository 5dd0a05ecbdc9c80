import { say } from "shared/console";
import type { Sql } from "shared/database";
import type { StartedProcess } from "shared/processes";
import { untilAtItsPlace } from "shared/story";
import { enqueue, task } from "../engine/index.ts";
import { goOn, type Stop } from "./services.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

/** Moves money from one account to another, and reports it. */
export function transfer(stop: Stop = goOn) {
  return task({
    name: "transfer",
    run: async ({ euros }: { euros: number }, { step, transaction }) => {
      const left = await transaction("move", async (tx) => {
        await tx`update accounts set balance = balance + ${euros} where name = 'bob'`;
        const [alice] = await tx`
          update accounts set balance = balance - ${euros} where name = 'alice' returning balance`;
        await stop("before the commit");
        return alice?.balance as number;
      });
      await step("report", () => stop("after the commit"));
      return { left };
    },
  });
}

/** Kills a worker before the commit, and the next one after it. */
export async function killTwice(sql: Sql, killed: StartedProcess[]): Promise<void> {
  await sql`create table accounts (name text primary key, balance int not null)`;
  await sql`insert into accounts values ('alice', 100), ('bob', 0)`;
  const id = await enqueue(sql, transfer(), { euros: 30 });
  const places = ["worker-4, before the commit", "worker-5, after the commit"];
  for (const [index, worker] of killed.entries()) {
    await untilAtItsPlace(worker);
    await worker.kill();
    say(`  kill -9 ${places[index]}`);
    await printAccounts(sql);
  }
  await runUntilEnded(newWorker(sql, "worker-2", [transfer()]), id);
  await printAccounts(sql);
}

async function printAccounts(sql: Sql): Promise<void> {
  const accounts = await sql`select name, balance from accounts order by name`;
  say(`    ${accounts.map(({ name, balance }) => `${name} ${balance}`).join(", ")}`);
}
