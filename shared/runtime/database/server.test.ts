import { once } from "node:events";
import * as fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { UserError } from "../user-error.ts";
import { connect } from "./connect.ts";
import { explainConnectionError } from "./connection-errors.ts";
import {
  newThrowAwayFolder,
  resetEmbedded,
  startEmbedded,
  stopEmbedded,
} from "./embedded/index.ts";
import { findFreePort } from "./embedded/ports.ts";
import { refuseOldServer, serverUrl, withoutPassword } from "./server.ts";

let folder: string;
let url: string;

beforeAll(async () => {
  folder = await newThrowAwayFolder();
  url = await startEmbedded({ folder });
}, 60_000);

afterAll(async () => {
  await resetEmbedded({ folder });
}, 60_000);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("without DATABASE_URL", { timeout: 60_000 }, () => {
  test.each([undefined, "", " "])(
    "the lessons use the repository's own server (%j)",
    async (value) => {
      vi.stubEnv("DATABASE_URL", value);
      expect(await serverUrl({ folder })).toBe(url);
    },
  );

  test("the server is started if it is not running", async () => {
    vi.stubEnv("DATABASE_URL", undefined);
    await stopEmbedded({ folder });
    expect(await serverUrl({ folder })).toBe(url);
  });
});

test("a server that has just been killed is started again", { timeout: 60_000 }, async () => {
  vi.stubEnv("DATABASE_URL", undefined);
  const pidFile = fs.readFileSync(path.join(folder, "data", "postmaster.pid"), "utf8");
  process.kill(Number.parseInt(pidFile, 10), "SIGKILL");
  expect(await serverUrl({ folder })).toBe(url);
});

describe("with DATABASE_URL", { timeout: 60_000 }, () => {
  test("the lessons use that server", async () => {
    vi.stubEnv("DATABASE_URL", url);
    expect(await serverUrl()).toBe(url);
  });

  test.each(["nonsense", "localhost:5432/postgres", "http://localhost/x", "postgres://a:%zz@h/x"])(
    "%s is refused, with an example of a correct URL",
    async (value) => {
      expect(await complaintAbout(value)).toContain("postgres://user:password@host:5432/database");
    },
  );

  test("a port without a server", async () => {
    const port = await findFreePort();
    const complaint = await complaintAbout(`postgres://u:secret@127.0.0.1:${port}/postgres`);
    expect(complaint).toContain(`No server is listening on 127.0.0.1:${port}; start the server`);
  });

  test("a socket that does not exist", async () => {
    const complaint = await complaintAbout("postgres://u:secret@%2Fno%2Fsuch%2Ffolder/postgres");
    expect(complaint).toContain("There is no Postgres socket in /no/such/folder (port 5432)");
  });

  test("a host that does not exist", async () => {
    const complaint = await complaintAbout("postgres://u:secret@no-such-host.invalid/postgres");
    expect(complaint).toContain(
      'The host "no-such-host.invalid" in DATABASE_URL cannot be resolved',
    );
  });

  test("a wrong password", async () => {
    const complaint = await complaintAbout(changed({ password: "secret" }));
    expect(complaint).toContain('The password for "postgres" is wrong');
  });

  test("an unknown role", async () => {
    const complaint = await complaintAbout(changed({ username: "stranger", password: "secret" }));
    expect(complaint).toContain('"stranger"');
  });

  test("an unknown database", async () => {
    const complaint = await complaintAbout(changed({ pathname: "/missing" }));
    expect(complaint).toContain('There is no database "missing"');
  });

  test("TLS on a server without TLS", async () => {
    expect(await complaintAbout(changed({ search: "?sslmode=require" }))).toContain(
      "sslmode=disable",
    );
  });

  test("a role that may not create databases", async () => {
    const sql = connect(url, { max: 1 });
    await sql`create role reader login password 'secret'`;
    await sql.end();
    const complaint = await complaintAbout(changed({ username: "reader", password: "secret" }));
    expect(complaint).toContain('alter role "reader" createdb');
  });

  test("a server that never answers", async () => {
    const silent = net.createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as net.AddressInfo;
    const complaint = await complaintAbout(`postgres://u:secret@127.0.0.1:${port}/postgres`);
    silent.close();
    expect(complaint).toContain(`127.0.0.1:${port} does not answer`);
  });
});

test.each([90_624, 140_012])("a server older than 15 is refused (%i)", (version) => {
  expect(() => refuseOldServer(version)).toThrow(`Postgres ${Math.floor(version / 10_000)}; set`);
});

test.each([150_000, 180_004])("a server of version 15 or newer is accepted (%i)", (version) => {
  expect(() => refuseOldServer(version)).not.toThrow();
});

test("for a host with several addresses, the error of each is shown", () => {
  const errors = ["::1", "127.0.0.1"].map((host) => new Error(`connect EACCES ${host}:5432`));
  const error = Object.assign(new AggregateError(errors), { code: "EACCES" });
  expect(String(explainConnectionError(error, "postgres://u:secret@localhost/x"))).toContain(
    "refuses the connection: connect EACCES ::1:5432; connect EACCES 127.0.0.1:5432 (EACCES)",
  );
});

test("a URL is shown without its password", () => {
  expect(withoutPassword("postgres://u:secret@host:1/x?password=secret")).toBe(
    "postgres://u@host:1/x",
  );
});

/** Returns the message for a wrong DATABASE_URL, which must be one line without the password. */
async function complaintAbout(value: string): Promise<string> {
  vi.stubEnv("DATABASE_URL", value);
  const error = await serverUrl().catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toMatch(/\n|secret/);
  return message;
}

function changed(parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}
