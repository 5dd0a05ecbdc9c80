import pc from "picocolors";

export const good = pc.green;
export const bad = pc.red;
export const dim = pc.dim;
export const code = pc.cyan;
