import { setTimeout as delay } from 'node:timers/promises';
import type { ArmedFault, FaultDraw, FaultPlace, PlannedFault } from './fault-class.js';
import type { SetRule } from './fault-rules.js';
import { drawStatement, ruleMatch, type StatementTarget } from './statement-target.js';

/** When somebody outside of the run does something: so long after a statement of it has come to the server. */
export interface Moment {
  readonly target: StatementTarget;
  /** How long the statement is held before it is carried out, so that there is something to meet. */
  readonly holdMs: number;
  readonly afterMs: number;
  readonly what: string;
}

const LOOK_EVERY_MS = 15;
const FROM = {
  stage: ['COPY', 'COMMIT', 'statement', 'statement'],
  transform: ['INSERT', 'COMMIT', 'statement', 'statement'],
} as const;

/** Draws a moment of the load. */
export function drawMoment(draw: FaultDraw): Moment {
  const { random } = draw;
  const target = drawStatement(draw, FROM);
  const holdMs = random.chance(0.6) ? 200 + random.below(800) : 1;
  const afterMs = random.below(holdMs + 150);
  const held = holdMs === 1 ? '' : ` held for ${holdMs} ms`;
  return { target, holdMs, afterMs, what: `${afterMs} ms into ${target.what}${held}` };
}

/** What somebody does at the moment. */
export interface Deed {
  /** Before the moment's text. */
  readonly what: string;
  readonly mayPark: boolean;
  /** Resolves when everything is as it was before, as far as that happens by itself. */
  act(place: FaultPlace): Promise<void>;
  /** Undoes what act left. @default waits for act */
  undo?(place: FaultPlace): Promise<void>;
  /** Whether it made a difference. @default it was done while the run was open */
  madeADifference?(evidence: { readonly failures: readonly string[] }): boolean;
}

/** A deed at a moment, carried out beside the run. */
export function atMoment(moment: Moment, deed: Deed): PlannedFault {
  return {
    what: `${deed.what} ${moment.what}`,
    mayPark: deed.mayPark,
    arm: async (place) => {
      const { bench, workflowId } = place;
      const { target, holdMs } = moment;
      const rule = await bench.faults.add({ ...ruleMatch(target, workflowId), action: 'delay', ms: holdMs });
      return carryOut({ place, moment, deed, rule });
    },
  };
}

function carryOut(work: {
  readonly place: FaultPlace;
  readonly moment: Moment;
  readonly deed: Deed;
  readonly rule: SetRule;
}): ArmedFault {
  const { place, moment, deed, rule } = work;
  let done = false;
  const acting = (async () => {
    if (!(await reached(place, rule))) return;
    await delay(moment.afterMs);
    if (!place.isOpen()) return;
    done = true;
    await deed.act(place);
  })();
  // Told to whoever waits for it; until then nobody listens.
  acting.catch(() => undefined);
  return {
    // A step that parked for another reason is answered, whether the moment has come or not.
    heal: async () => {
      if (done) await (deed.undo?.(place) ?? acting);
    },
    settle: async () => {
      if (done) await deed.undo?.(place);
      await acting;
    },
    struck: (evidence) => done && (deed.madeADifference?.(evidence) ?? true),
  };
}

async function reached({ isOpen }: FaultPlace, rule: SetRule): Promise<boolean> {
  while (isOpen()) {
    if ((await rule.fired()) > 0) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}
