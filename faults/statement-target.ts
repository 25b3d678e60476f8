import type { FaultDraw } from './fault-class.js';
import type { FaultRule } from './fault-rules.js';

/** Statements of one step that a fault is about. */
export interface StatementTarget {
  readonly step: string;
  /** Regular expression. */
  readonly match: string;
  /** So many pass first. */
  readonly skip: number;
  /** For people: `COMMIT of songs`. */
  readonly what: string;
}

/** Statements by the name that people read. */
export const STATEMENTS = {
  COPY: '^\\s*copy\\b',
  COMMIT: '^\\s*(commit|end)\\b',
  INSERT: '^\\s*insert\\b',
  DELETE: '^\\s*delete\\b',
  write: '^\\s*(copy|insert|delete|update)\\b',
  statement: '.',
} as const;

export type StatementName = keyof typeof STATEMENTS;

/** More statements than most steps have; a target behind the last one never comes, and another seed is tried. */
const MOST_STATEMENTS = 14;

/** Draws a step of the load, and one of the statements of this kind in it. */
export function drawStatement(
  { random, shape }: FaultDraw,
  from: { readonly stage: readonly StatementName[]; readonly transform: readonly StatementName[] },
): StatementTarget {
  const isStage = from.transform.length === 0 || (from.stage.length > 0 && random.chance(0.5));
  const step = random.pick(isStage ? shape.stageSteps : shape.transformSteps);
  const name = random.pick(isStage ? from.stage : from.transform);
  const isAny = name === 'statement' || name === 'write';
  const skip = isAny ? random.below(name === 'write' ? 6 : MOST_STATEMENTS) : 0;
  const which = isAny ? `${name} ${skip + 1}` : name;
  return { step, match: STATEMENTS[name], skip, what: `${which} of ${step}` };
}

/** What rules about this target in this run have in common. */
export function ruleMatch(target: StatementTarget, workflowId: string): Pick<FaultRule, 'match' | 'label' | 'skip'> {
  return {
    match: target.match,
    label: `^starshift ${workflowId} ${target.step}( #[0-9a-f]{16})?\\s*$`,
    skip: target.skip,
  };
}
