const often = { heartbeatIntervalMs: 200, pollIntervalMs: 20, graceMs: 50 };

/** A lease that outlives a restart of Postgres, and a computer that is busy. */
export const PATIENT = { ...often, leaseMs: 30_000 };

/** A shorter lease than one would choose, for those that will be killed, so that the story does not take long. */
export const SHORT_LIVED = { ...often, leaseMs: 2_000 };
