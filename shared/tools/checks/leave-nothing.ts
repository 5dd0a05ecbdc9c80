import { afterAll, vi } from "vitest";

// For test files that run one after the other in one process: none finds what another has put in the place of
// something.
afterAll(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
