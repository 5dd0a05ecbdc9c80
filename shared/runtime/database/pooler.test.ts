import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type InstalledServer,
  pgbouncer,
  startPgBouncer,
} from "../../testing/installed-servers.ts";
import { postgresError } from "../../testing/postgres-error.ts";
import { UserError } from "../user-error.ts";
import { explainConnectionError } from "./connection-errors.ts";
import { connect, serverUrl, transaction } from "./index.ts";
import { refuseTransactionPooling } from "./pooler.ts";

test("a server without a pooler in front of it is accepted, and the check opens no second connection", async () => {
  const sql = connect(await serverUrl(), { max: 1 });
  onTestFinished(() => sql.end({ timeout: 0 }));
  await expect(refuseTransactionPooling(sql)).resolves.toBeUndefined();
});

test("for a database that PgBouncer does not know, the error is one line that says what to do", () => {
  const error = postgresError("08P01", "no such database: durable_lesson_01");
  const url = "postgres://u:secret@127.0.0.1:6432/durable_lesson_01";
  expect(String(explainConnectionError(error, url))).toMatch(
    /PgBouncer on 127.0.0.1:6432 has no database "durable_lesson_01"; add the line [^\n]*$/,
  );
});

const program = pgbouncer();
if (program) {
  describe("through PgBouncer in session mode, with default settings", () => {
    let server: InstalledServer;
    beforeAll(async () => {
      server = await startPgBouncer(program, await serverUrl(), "session");
    });
    afterAll(() => server.stop());

    test("DATABASE_URL may name the pooler", async () => {
      vi.stubEnv("DATABASE_URL", server.url);
      onTestFinished(() => void vi.unstubAllEnvs());
      expect(await serverUrl()).toBe(server.url);
    });

    test("a connection has its settings, even if another client has used it before", async () => {
      const expected = [
        { jit: "off", path: '"Tenant1", "a,b"', lock: "1s", isolation: "read committed" },
      ];
      for (const isFirst of [true, false]) {
        const sql = connect(server.url, {
          max: 1,
          schema: isFirst ? "other" : ["Tenant1", "a,b"],
          lockTimeoutMs: 1_000,
        });
        onTestFinished(() => sql.end({ timeout: 0 }));
        const settings = await sql`
          select current_setting('jit') as jit,
                 current_setting('search_path') as path,
                 current_setting('lock_timeout') as lock,
                 current_setting('default_transaction_isolation') as isolation`;
        await sql.end();
        if (!isFirst) expect(settings).toEqual(expected);
      }
    });

    test("transactions, notifications and advisory locks work", async () => {
      const sql = connect(server.url, { max: 2 });
      onTestFinished(() => sql.end({ timeout: 0 }));
      const heard = new Promise<string>((resolve, reject) => {
        sql.listen("a_channel", resolve, () => void sql.notify("a_channel", "hello")).catch(reject);
      });
      expect(await heard).toBe("hello");
      const lock = await sql.reserve();
      await lock`select pg_advisory_lock(1, 2)`;
      const taken = transaction(sql, async (tx) => tx`select pg_try_advisory_lock(1, 2) as taken`);
      expect(await taken).toEqual([{ taken: false }]);
      lock.release();
    });
  });

  test.each(["transaction", "statement"] as const)(
    "PgBouncer in %s mode is refused, with one line that says what to do",
    async (mode) => {
      const server = await startPgBouncer(program, await serverUrl(), mode);
      onTestFinished(server.stop);
      vi.stubEnv("DATABASE_URL", server.url);
      onTestFinished(() => void vi.unstubAllEnvs());
      const error = await serverUrl().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(
        /^DATABASE_URL names a pooler .*session mode[^\n]*$/,
      );
    },
  );
}
