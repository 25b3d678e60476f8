/** Pure functions over steps that need other steps. All of them keep the given order wherever the needs leave a choice. */

export interface DagNode {
  readonly id: string;
  /** Ids of the nodes that must be done first. Ids that no node has are ignored: the caller has reported them. */
  readonly needs: readonly string[];
}

/** Thrown by topologicalOrder and levels; `cycle` begins and ends with the same id. */
export class CycleError extends Error {
  override readonly name = 'CycleError';
  constructor(readonly cycle: readonly string[]) {
    super(`The steps need each other in a circle: ${cycle.join(' -> ')}`);
  }
}

/**
 * Nodes so that each stands after everything it needs.
 * @throws CycleError
 */
export function topologicalOrder<Node extends DagNode>(nodes: readonly Node[]): Node[] {
  return levels(nodes).flat();
}

/**
 * Nodes in waves: each needs only nodes of earlier waves, and stands in the earliest wave it can.
 * @throws CycleError
 */
export function levels<Node extends DagNode>(nodes: readonly Node[]): Node[][] {
  const waves: Node[][] = [];
  const known = new Set(nodes.map((node) => node.id));
  const done = new Set<string>();
  let waiting = [...nodes];
  while (waiting.length > 0) {
    const wave = waiting.filter((node) => node.needs.every((need) => done.has(need) || !known.has(need)));
    if (wave.length === 0) throw new CycleError(findCycle(waiting) ?? waiting.map((node) => node.id));
    for (const node of wave) done.add(node.id);
    waiting = waiting.filter((node) => !done.has(node.id));
    waves.push(wave);
  }
  return waves;
}

/** One circle of needs, as `['a', 'b', 'a']`: a needs b, b needs a. Undefined when there is none. */
export function findCycle(nodes: readonly DagNode[]): readonly string[] | undefined {
  const needsById = new Map(nodes.map((node) => [node.id, node.needs]));
  const clean = new Set<string>();
  for (const node of nodes) {
    const cycle = walk({ start: node.id, needsById, clean });
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Every node that needs `id`, directly or through others, without `id` itself; in the order given. */
export function dependents(nodes: readonly DagNode[], id: string): string[] {
  const reached = new Set([id]);
  let grown = true;
  while (grown) {
    const more = nodes.filter((node) => !reached.has(node.id) && node.needs.some((need) => reached.has(need)));
    for (const node of more) reached.add(node.id);
    grown = more.length > 0;
  }
  return nodes.filter((node) => node.id !== id && reached.has(node.id)).map((node) => node.id);
}

/** Everything `id` needs, directly or through others, without `id` itself; in the order given. */
export function ancestors(nodes: readonly DagNode[], id: string): string[] {
  const reversed = nodes.map((node) => ({
    id: node.id,
    needs: nodes.filter((other) => other.needs.includes(node.id)).map((other) => other.id),
  }));
  return dependents(reversed, id);
}

interface Walk {
  readonly start: string;
  readonly needsById: ReadonlyMap<string, readonly string[]>;
  /** Nodes from which no circle can be reached; grows, so that the whole search stays linear. */
  readonly clean: Set<string>;
}

/** Depth-first without recursion: a chain of steps may be longer than the stack is deep. */
function walk({ start, needsById, clean }: Walk): readonly string[] | undefined {
  const path: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
  const onPath = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const need = needsById.get(top.id)?.[top.next];
    top.next += 1;
    if (need === undefined || clean.has(top.id)) {
      clean.add(top.id);
      onPath.delete(top.id);
      path.pop();
    } else if (onPath.has(need)) {
      const ids = path.map((step) => step.id);
      return [...ids.slice(ids.indexOf(need)), need];
    } else if (needsById.has(need)) {
      path.push({ id: need, next: 0 });
      onPath.add(need);
    }
  }
  return undefined;
}
