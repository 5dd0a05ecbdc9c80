import type { Sql } from "shared/database";
import * as engine from "#engine";

/** Sets a key's limit, where the engine knows of limits; one that does not runs its tasks all the same. */
export async function limitTo(sql: Sql, key: string, limit: number): Promise<void> {
  await engine.setConcurrencyLimit?.(sql, key, limit);
}
