export { isAlive } from "./is-alive.ts";
export { Ledger } from "./ledger.ts";
export {
  endWithParent,
  nextMessage,
  type StartedProcess,
  startProcess,
  tellAndWait,
  tellParent,
} from "./start-process.ts";
