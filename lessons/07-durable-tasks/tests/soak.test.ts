import { soak } from "shared/soak";
import { lessonUnderTest } from "shared/testing";
import { expect, test } from "vitest";

test("while workers and Postgres are killed, every task ends, and nothing takes effect twice", async () => {
  const { problems, figures } = await soak({
    lesson: lessonUnderTest(),
    seed: 7,
    seconds: 15,
    workers: 3,
  });
  expect(problems, `${figures}: ${JSON.stringify(problems)}`).toEqual([]);
}, 240_000);
