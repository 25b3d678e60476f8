import { AwsError, invalidValue } from './aws-error.js';

type Node = { text?: string; readonly children: Map<string, Node> };

/**
 * The parameters of a Query-protocol request. Dots nest (`Tags.Tag.1.Key`); lists are numbered members, with
 * (`Tags.Tag.1`, `Roles.member.1`) or without (`GroupId.1`, as EC2 does) a name of their own.
 */
export class QueryParams {
  readonly #node: Node;
  readonly #path: string;

  private constructor(node: Node, path: string) {
    this.#node = node;
    this.#path = path;
  }

  /** Builds the tree of a decoded `application/x-www-form-urlencoded` body. */
  static parse(form: URLSearchParams): QueryParams {
    const root: Node = { children: new Map() };
    for (const [name, value] of form) {
      let node = root;
      for (const part of name.split('.')) {
        const next: Node = node.children.get(part) ?? { children: new Map() };
        node.children.set(part, next);
        node = next;
      }
      node.text = value;
    }
    return new QueryParams(root, '');
  }

  has(name: string): boolean {
    return this.#node.children.has(name);
  }

  text(name: string): string | undefined {
    return this.#node.children.get(name)?.text;
  }

  /** Throws MissingParameter when the value is absent or empty. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new AwsError('MissingParameter', `The request must contain the parameter ${this.#path}${name}.`);
    }
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value))
      throw invalidValue(`Invalid value for ${this.#path}${name}: "${value}" is not an integer.`);
    return Number(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') {
      throw invalidValue(`Invalid value for ${this.#path}${name}: "${value}" is not a boolean.`);
    }
    return value === 'true';
  }

  /** The texts of a list; empty when it is absent. */
  list(name: string): string[] {
    return this.#members(name).map((node) => node.text ?? '');
  }

  /** The structures of a list; empty when it is absent. */
  structs(name: string): QueryParams[] {
    return this.#members(name).map((node, index) => new QueryParams(node, `${this.#path}${name}.${index + 1}.`));
  }

  #members(name: string): Node[] {
    let node = this.#node.children.get(name);
    while (node !== undefined && node.children.size === 1 && !isNumbered(node)) node = [...node.children.values()][0];
    if (node === undefined || !isNumbered(node)) return [];
    return [...node.children].sort(([left], [right]) => Number(left) - Number(right)).map(([, member]) => member);
  }
}

function isNumbered(node: Node): boolean {
  return node.children.size > 0 && [...node.children.keys()].every((key) => /^\d+$/.test(key));
}
