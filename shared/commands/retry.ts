import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "retry ID",
  about:
    "Queues a failed or cancelled task again. It continues where it ended, and so do its children.",
  async run({ engine, database }, given) {
    const id = idFrom(given);
    await engine.retry(database.sql, id);
    console.log(`task ${id} is queued, and continues where it ended`);
  },
});
