import { UserError } from "shared/user-error";
import { enqueue } from "../engine/index.ts";
import { runCommand } from "./command-line.ts";
import { inputOf, offerOf, offers } from "./tasks.ts";

await runCommand({
  usage: "enqueue NAME INPUT",
  about: `Asks for a task, and prints its id. INPUT is JSON. Without a name it lists the tasks that there are.`,
  async run({ sql }, { words: [name, input, ...others] }) {
    if (name === undefined) return list();
    if (others.length > 0) {
      throw new UserError(`It takes one name and one input; put the input into '…'; see --help.`);
    }
    const offer = offerOf(name);
    console.log(await enqueue(sql, offer.definition, inputOf(offer, input) as never));
  },
});

function list(): void {
  for (const { definition, about, example } of offers) {
    console.log(`${definition.name}: ${about}`);
    console.log(`  pnpm --filter lesson-07 enqueue ${definition.name} '${example}'`);
  }
}
