import { UserError } from "../runtime/user-error.ts";
import { runCommand } from "./command-line.ts";
import { inputOf, type Offer, offerOf, readerTasks } from "./reader-tasks.ts";

await runCommand({
  usage: "enqueue NAME INPUT",
  about: "Enqueues a task and prints its id. INPUT is JSON. Without arguments, lists the tasks.",
  async run({ number, engine, database }, { words: [name, input, ...others] }) {
    const { offers } = readerTasks(engine, number);
    if (name === undefined) return list(offers, number);
    if (others.length > 0) {
      throw new UserError(
        "This command takes one name and one input; put the input in quotes: '…'; see --help.",
      );
    }
    const offer = offerOf(offers, name);
    console.log(
      await engine.enqueue(database.sql, offer.definition, inputOf(offer, input) as never),
    );
  },
});

function list(offers: Offer[], number: string): void {
  for (const { definition, about, example } of offers) {
    console.log(`${definition.name}: ${about}`);
    console.log(`  pnpm --filter lesson-${number} enqueue ${definition.name} '${example}'`);
  }
}
