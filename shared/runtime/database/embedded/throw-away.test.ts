import { once } from "node:events";
import { expect, test } from "vitest";
import { answer, runModule } from "./fixture/servers.ts";
import { withThrowAwayServer } from "./index.ts";

const ENDED = { code: "ECONNREFUSED" };

test("a throw-away server runs during the work, and is gone after it", async () => {
  const url = await withThrowAwayServer(async (url) => {
    expect(await answer(url, "select 1 as it")).toBe(1);
    return url;
  });
  await expect(answer(url, "select 1 as it")).rejects.toMatchObject(ENDED);
});

test("a throw-away server is gone after the work fails", async () => {
  let url = "";
  const work = withThrowAwayServer(async (given) => {
    url = given;
    throw new Error("the work failed");
  });
  await expect(work).rejects.toThrow("the work failed");
  await expect(answer(url, "select 1 as it")).rejects.toMatchObject(ENDED);
});

test.skipIf(process.platform === "win32")("a throw-away server is gone after SIGTERM", async () => {
  const { worker, url } = await workInProcess();
  worker.process.kill("SIGTERM");
  expect(await worker.exit).toBe(143);
  await expect(answer(url, "select 1 as it")).rejects.toMatchObject(ENDED);
});

test("after a SIGKILL, the next throw-away server removes it", async () => {
  const { worker, url } = await workInProcess();
  worker.process.kill("SIGKILL");
  await worker.exit;
  expect(await answer(url, "select 1 as it")).toBe(1);
  await withThrowAwayServer(async () => {});
  await expect(answer(url, "select 1 as it")).rejects.toMatchObject(ENDED);
});

/** A process that uses a throw-away server until it is killed. */
async function workInProcess() {
  const worker = runModule(`
    import { withThrowAwayServer } from "${new URL("./index.ts", import.meta.url)}";
    await withThrowAwayServer((url) => {
      console.log(url);
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    });
  `);
  const [line] = await once(worker.process.stdout as NodeJS.ReadableStream, "data");
  return { worker, url: String(line).trim() };
}
