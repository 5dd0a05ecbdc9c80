import { connect } from "shared/database";
import type { FreshDatabase } from "shared/testing";
import { expect, onTestFinished } from "vitest";

/** Listens where the workers do. `heard` returns who was called until now, a name for each call. */
export async function listenToCalls({ sql, url }: FreshDatabase): Promise<() => Promise<string[]>> {
  const ears = connect(url, { max: 1 });
  const listening: { unlisten: () => Promise<void> }[] = [];
  onTestFinished(async () => {
    // As it ends, the driver would listen anew to what it still listens to.
    await Promise.all(listening.map(({ unlisten }) => unlisten()));
    await ears.end({ timeout: 0 });
  });
  const calls: string[] = [];
  const marks: string[] = [];
  const workers = await sql`select name, to_jsonb(workers) ->> 'channel' as channel from workers`;
  for (const { name, channel } of workers) {
    if (channel === null) continue;
    // A heartbeat is no call.
    const onNotice = (payload: string) => void (payload === "" && calls.push(name));
    listening.push(await ears.listen(channel, onNotice));
  }
  const [row] = await sql`select current_schema() as own`;
  listening.push(await ears.listen(row?.own, (payload) => void marks.push(payload)));
  return async () => {
    // Notifications arrive in the order of the commits that sent them.
    const mark = String(marks.length);
    await sql.notify(row?.own, mark);
    await expect.poll(() => marks).toContain(mark);
    return [...calls].sort();
  };
}
