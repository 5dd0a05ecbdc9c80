import { wholeNumber } from "shared/values";

/** How often a task or a step is tried, and how long it waits in between. */
export type RetryPolicy = {
  /** Attempts in all; of a task, those included whose worker was lost; 3 if left out. */
  maxAttempts?: number;
  /** How long the second attempt waits at most; 1,000 ms if left out. Each further one waits up to twice as long. */
  backoffMs?: number;
  /** The longest wait, however many attempts there were; 60,000 ms if left out. */
  maxBackoffMs?: number;
};

const ONE_YEAR_MS = 31_536_000_000;

/** Throws a `RangeError` if the policy makes no sense. */
export function checkRetryPolicy(policy: RetryPolicy): void {
  const { backoffMs, maxBackoffMs } = withDefaults(policy);
  wholeNumber("retry.maxAttempts", maxAttemptsOf(policy), 1, 1_000);
  wholeNumber("retry.backoffMs", backoffMs, 0, ONE_YEAR_MS);
  wholeNumber("retry.maxBackoffMs", maxBackoffMs, 0, ONE_YEAR_MS);
}

/** How often a task with this policy is tried, or one without any. */
export function maxAttemptsOf(policy: RetryPolicy | undefined): number {
  return policy?.maxAttempts ?? 3;
}

/**
 * How long to wait after this failed attempt, in milliseconds: exponential backoff with full jitter, a
 * part of the longest wait as large as `random`, from 0 to 1. Without the jitter, a thousand tasks that
 * failed together would come back together.
 */
export function backoffMsAfter(attempt: number, policy: RetryPolicy, random: number): number {
  const { backoffMs, maxBackoffMs } = withDefaults(policy);
  const longest = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1));
  return Math.round(random * longest);
}

function withDefaults({ backoffMs = 1_000, maxBackoffMs = 60_000 }: RetryPolicy) {
  return { backoffMs, maxBackoffMs };
}
