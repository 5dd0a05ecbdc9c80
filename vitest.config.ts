import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["shared/**/*.test.ts", "lessons/*/{proofs,tests,exercises}/**/*.test.ts"],
    // Some of the staircase's fixtures must fail.
    exclude: ["**/node_modules/**", "shared/tools/staircase/fixture/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: "passed-only",
    expect: { requireAssertions: true, poll: { timeout: 50_000 } },
  },
});
