import { retry } from "../engine/index.ts";
import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "retry ID",
  about:
    "Queues a failed or cancelled task again. It goes on from where it ended, and so do its children.",
  async run({ sql }, given) {
    const id = idFrom(given);
    await retry(sql, id);
    console.log(`task ${id} is queued, and goes on from where it ended`);
  },
});
