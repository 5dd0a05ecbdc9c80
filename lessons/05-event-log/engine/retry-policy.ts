import { wholeNumber } from "shared/values";

/** How often a task is attempted after errors, and how long it waits between two attempts. */
export type RetryPolicy = {
  /** The number of attempts in all, including those whose worker was lost. Default: 3. */
  maxAttempts?: number;
  /** The longest wait before the second attempt. It doubles with each further attempt. Default: 1,000 ms. */
  backoffMs?: number;
  /** The longest wait, whatever the attempt. Default: 60,000 ms. */
  maxBackoffMs?: number;
};

const ONE_YEAR_MS = 31_536_000_000;

/** Throws a `RangeError` if the policy makes no sense. */
export function checkRetryPolicy(policy: RetryPolicy): void {
  const { maxAttempts, backoffMs, maxBackoffMs } = withDefaults(policy);
  wholeNumber("retry.maxAttempts", maxAttempts, 1, 1_000);
  wholeNumber("retry.backoffMs", backoffMs, 0, ONE_YEAR_MS);
  wholeNumber("retry.maxBackoffMs", maxBackoffMs, 0, ONE_YEAR_MS);
}

/** Returns the number of attempts of a task with this policy, or with none. */
export function maxAttemptsOf(policy: RetryPolicy = {}): number {
  return withDefaults(policy).maxAttempts;
}

/**
 * Returns the wait after this failed attempt, in milliseconds: exponential backoff with full jitter. `random`, from 0 to
 * 1, is the fraction of the longest wait to use. Without jitter, tasks that failed together would be retried together.
 */
export function backoffMsAfter(attempt: number, policy: RetryPolicy, random: number): number {
  const { backoffMs, maxBackoffMs } = withDefaults(policy);
  return Math.round(random * Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1)));
}

function withDefaults({
  maxAttempts = 3,
  backoffMs = 1_000,
  maxBackoffMs = 60_000,
}: RetryPolicy): Required<RetryPolicy> {
  return { maxAttempts, backoffMs, maxBackoffMs };
}
