import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "cancel ID",
  about: "Cancels a task and its children.",
  async run({ engine, database }, given) {
    const id = idFrom(given);
    const isCancelled = await engine.cancel(database.sql, id);
    console.log(
      `task ${id} ${isCancelled ? "is cancelled, or will be soon" : "has already ended"}`,
    );
  },
});
