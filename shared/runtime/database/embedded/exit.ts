const exitCodes: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};
const undos = new Set<() => void>();

/**
 * Runs `undo` when this process exits, by itself or because of Ctrl-C or another signal that can be caught. `undo` must
 * be synchronous. Returns a function that cancels it.
 */
export function undoOnExit(undo: () => void): () => void {
  if (undos.size === 0) listen();
  undos.add(undo);
  return () => {
    if (undos.delete(undo) && undos.size === 0) stopListening();
  };
}

function listen(): void {
  process.on("exit", undoAll);
  for (const signal of signals()) process.on(signal, exitOn);
}

function stopListening(): void {
  process.off("exit", undoAll);
  for (const signal of signals()) process.off(signal, exitOn);
}

function signals(): NodeJS.Signals[] {
  return Object.keys(exitCodes) as NodeJS.Signals[];
}

function exitOn(signal: NodeJS.Signals): void {
  process.exit(exitCodes[signal]);
}

/** Runs the newest first, because later steps depend on earlier ones. */
function undoAll(): void {
  for (const undo of [...undos].reverse()) {
    try {
      undo();
    } catch {
      // The process is exiting, and the other undos still have to run.
    }
  }
}
