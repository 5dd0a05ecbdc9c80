import { cancel } from "../engine/index.ts";
import { idFrom, runCommand } from "./command-line.ts";

await runCommand({
  usage: "cancel ID",
  about: "Cancels a task, and its children after it.",
  async run({ sql }, given) {
    const id = idFrom(given);
    const isCancelled = await cancel(sql, id);
    console.log(
      `task ${id} ${isCancelled ? "is cancelled, or will be soon" : "has ended already"}`,
    );
  },
});
