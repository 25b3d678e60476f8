/**
 * An object for what users name: without prototype, so that `constructor` and `__proto__` are names like any other. Later entries of
 * the same name win. Spreading it into a literal (`{ ...tags }`) loses that: make a new one from the entries of both.
 */
export function record<Value>(entries: Iterable<readonly [string, Value]> = []): Record<string, Value> {
  const made: Record<string, Value> = Object.create(null);
  for (const [name, value] of entries) made[name] = value;
  return made;
}

/** A record with the entries of another one put over it. */
export function merged<Value>(
  base: Readonly<Record<string, Value>>,
  over: Readonly<Record<string, Value>>,
): Record<string, Value> {
  return record([...Object.entries(base), ...Object.entries(over)]);
}
