/** A key seen at one place of an object, remembered because the next object most likely has the same key there. */
export interface KeySlot {
  readonly bytes: Buffer;
  readonly child: PathNode | undefined;
}

/** One place in the JSON that is of interest: the columns that take its value, and the places below it. */
export class PathNode {
  /** Target columns that take the value found here. */
  readonly columns: number[] = [];
  readonly members = new Map<string, PathNode>();
  readonly elements = new Map<number, PathNode>();
  /** Keys in the order of the object read last. */
  readonly order: (KeySlot | undefined)[] = [];

  constructor(readonly ignoreCase: boolean) {}

  member(name: string): PathNode {
    const key = this.ignoreCase ? name.toLowerCase() : name;
    const known = this.members.get(key);
    if (known !== undefined) return known;
    const created = new PathNode(this.ignoreCase);
    this.members.set(key, created);
    return created;
  }

  element(index: number): PathNode {
    const known = this.elements.get(index);
    if (known !== undefined) return known;
    const created = new PathNode(this.ignoreCase);
    this.elements.set(index, created);
    return created;
  }

  find(key: string): PathNode | undefined {
    return this.members.get(this.ignoreCase ? key.toLowerCase() : key);
  }
}

/** Where each target column finds its value. */
export interface PathTree {
  readonly root: PathNode;
  /** Columns whose path goes through an array index: not finding the element rejects the row. */
  readonly indexedColumns: readonly number[];
}

/** One step of a JSONPath expression: a member name or an array index. */
export type PathStep = string | number;

/** Builds the tree for paths in the order of the target columns. */
export function buildPathTree(paths: readonly (readonly PathStep[])[], ignoreCase = false): PathTree {
  const root = new PathNode(ignoreCase);
  const indexedColumns: number[] = [];
  paths.forEach((steps, column) => {
    let node = root;
    for (const step of steps) node = typeof step === 'number' ? node.element(step) : node.member(step);
    node.columns.push(column);
    if (steps.some((step) => typeof step === 'number')) indexedColumns.push(column);
  });
  return { root, indexedColumns };
}

/** The tree of JSON 'auto': top-level keys are the column names. */
export function autoPathTree(columnNames: readonly string[], ignoreCase: boolean): PathTree {
  return buildPathTree(
    columnNames.map((name) => [name]),
    ignoreCase,
  );
}
