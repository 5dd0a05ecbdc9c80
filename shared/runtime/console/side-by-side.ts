import { columns } from "./columns.ts";

type Sides = {
  titles: [left: string, right: string];
  /** The lines by their numbers. */
  left: Map<number, string>;
  right: Map<number, string>;
  /** The number of the marked line. */
  at: number;
  /** How many lines are shown before and after it. Default: 3. */
  around?: number;
};

/** Returns numbered lines of two columns, `left` and `right`, around the line `at`, which is marked with `>`. */
export function sideBySide({ titles, left, right, at, around = 3 }: Sides): string[] {
  const first = Math.max(1, at - around);
  const last = Math.min(Math.max(...left.keys(), ...right.keys()), at + around);
  const rows = Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    const mark = number === at ? ">" : " ";
    return [`${mark} ${number}`, left.get(number) ?? "", right.get(number) ?? ""];
  });
  const [head = "", ...lines] = columns([["", ...titles], ...rows]);
  return [head, ...(first > 1 ? ["  …"] : []), ...lines];
}
