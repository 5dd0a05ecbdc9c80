/** A shorter lease than one would choose, so that the story does not take long. */
export const LIVELY = { leaseMs: 600, heartbeatIntervalMs: 150, pollIntervalMs: 20, graceMs: 50 };
