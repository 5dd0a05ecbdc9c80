import { replay } from "../engine/index.ts";
import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "replay ID",
  about: "Queues a task that has ended again, to run from the start as if it never had.",
  async run({ sql }, given) {
    const id = idFrom(given);
    await replay(sql, id);
    console.log(`task ${id} is queued, and begins anew`);
  },
});
