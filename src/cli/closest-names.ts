/**
 * Of the names there are, those that were probably meant: most alike first, at most `limit`. Names that share little with the wanted
 * one are left out, so the answer may be empty.
 */
export function closestNames(wanted: string, names: readonly string[], limit = 3): readonly string[] {
  const lower = wanted.toLowerCase();
  const near = [...new Set(names)]
    .map((name) => ({ name, distance: distanceOf(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.min(wanted.length, name.length) / 3));
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** A name that holds the wanted one is near, however long it is. */
function distanceOf(wanted: string, name: string): number {
  if (wanted.length >= 3 && name.includes(wanted)) return name === wanted ? 0 : 1;
  return editDistance(wanted, name);
}

/** Levenshtein: characters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
