/** A shorter lease than one would choose, so that the story does not take long. */
export const LIVELY = { leaseMs: 2_000, heartbeatIntervalMs: 200, pollIntervalMs: 20, graceMs: 50 };
