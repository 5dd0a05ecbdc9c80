import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "replay ID",
  about: "Queues an ended task again. It runs from the start, with a new event log.",
  async run({ engine, database }, given) {
    const id = idFrom(given);
    await engine.replay(database.sql, id);
    console.log(`task ${id} is queued, and runs from the start`);
  },
});
