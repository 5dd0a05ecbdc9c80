/**
 * Values that vary from run to run, and the tokens that replace them. Order matters: each rule is applied to
 * the result of the rules above it.
 */
const RULES: [differs: RegExp, token: string][] = [
  // PostgreSQL 15.18 (Debian 15.18-0+deb12u1)
  [/\bPostgreSQL \d+(?:\.\d+)?(?: \([^)\n]*\))?/g, "PostgreSQL ‹VERSION›"],
  // On a server of DATABASE_URL, a story terminates connections where it would restart the embedded server.
  [/\bAll connections are cut \([^)\n]*\)/g, "Postgres is restarted"],
  // 2026-01-31T12:00:00.000Z, 2026-01-31 12:00:00+00
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?/g, "‹TIME›"],
  // 12:00:00.000
  [/\b\d\d:\d\d:\d\d(?:\.\d+)?\b/g, "‹TIME›"],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, "‹UUID›"],
  // 127.0.0.1:54321
  [/(127\.0\.0\.1|localhost|\[::1\]):\d+\b/g, "$1:PORT"],
  [/\b(port[ =:]+)\d+\b/gi, "$1‹PORT›"],
  [/\b(pid[ =:]+)\d+\b/gi, "$1‹PID›"],
  // 12,345 tasks/s, 0.25 round trips/task
  [/\b\d[\d,]*(?:\.\d+)? ?([a-z]+(?: [a-z]+)?)\/(s|task|step|child)(?![.\w])/g, "‹RATE› $1/$2"],
  // ×1.5
  [/×\d[\d,]*(?:\.\d+)?/g, "‹FACTOR›"],
  // 12 ms, 1.3 s, 0.4s
  [/\b\d[\d,]*(?:\.\d+)? ?(?:ns|µs|us|ms|s|min|seconds?|milliseconds?)\b(?!\/)/g, "‹DURATION›"],
  // worker-3 ran 2,497
  [/(worker-\d+\b.*?\bran\s+)\d[\d,]*/g, "$1‹NUMBER›"],
  // ███▌   ██
  [/[█▉▊▋▌▍▎▏▇▆▅▄▃▂▁▐░▒▓](?:[█▉▊▋▌▍▎▏▇▆▅▄▃▂▁▐░▒▓ ]*[█▉▊▋▌▍▎▏▇▆▅▄▃▂▁▐░▒▓])?/g, "‹BAR›"],
  // Spaces around values of varying length.
  [/ *(‹[A-Z]+›) */g, " $1 "],
  [/ +$/gm, ""],
];

/** Returns the transcript without the values that vary from run to run. */
export function normalise(transcript: string): string {
  return RULES.reduce((text, [differs, token]) => text.replace(differs, token), transcript);
}
