import type { Sql } from "shared/database";
import * as engine from "#engine";

/** Sets a key's limit if the engine has limits. An engine without limits runs the tasks of the key anyway. */
export async function limitTo(sql: Sql, key: string, limit: number): Promise<void> {
  await engine.setConcurrencyLimit?.(sql, key, limit);
}
