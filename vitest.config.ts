import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["shared/**/*.test.ts", "lessons/*/{proofs,tests,exercises}/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: "passed-only",
  },
});
