import { say, table } from "shared/console";
import type { Sql } from "shared/database";

const NUMBERS = 10_000;

/** Stores the same numbers as json and as jsonb, and prints how much text Postgres returns for each. */
export async function storeTinyNumbers(sql: Sql): Promise<void> {
  const input = JSON.stringify(Array(NUMBERS).fill(5e-324));
  say(
    `An input of ${NUMBERS} numbers, each 5e-324, is ${input.length} bytes of JSON. Read back from a column:`,
  );
  say();
  table(
    await sql`
    select 'json' as type, octet_length((${input}::text::json)::text) as bytes
    union all
    select 'jsonb', octet_length((${input}::text::jsonb)::text)`,
  );
}
