import { logString } from './json-text.js';
import { Random } from './random.js';
import { AGENTS, LAST_NAMES, MEN, METROS, WOMEN } from './vocabulary.js';

export type Level = 'free' | 'paid';

/** A user; everything but the level stays the same in all events. Strings are ready for JSON. */
export interface Listener {
  /** 0 is the most active. */
  readonly rank: number;
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender: 'F' | 'M';
  readonly location: string;
  readonly userAgent: string;
  /** Epoch milliseconds. */
  readonly registration: number;
  readonly firstLevel: Level;
  /** When the level changes, in order, epoch milliseconds: none, one or two times. */
  readonly changes: readonly number[];
}

const KIND_LISTENER = 10;
/** Events a user, on average. */
const EVENTS_PER_LISTENER = 83;
const MONTH_MS = 30 * 86_400_000;

/** Users by their number, each made anew when asked for. */
export class Listeners {
  private readonly random = new Random();
  private readonly stride: number;
  readonly count: number;

  constructor(
    private readonly seed: number,
    events: number,
    /** Begin of the month, epoch milliseconds. */
    private readonly begin: number,
  ) {
    this.count = Math.max(2, Math.round(events / EVENTS_PER_LISTENER));
    this.stride = coprimeStride(this.count);
  }

  /** `rank` 0 is the most active; the more active, the likelier to pay. */
  listener(rank: number): Listener {
    const random = this.random.reseed(this.seed, KIND_LISTENER, rank);
    const woman = random.chance(0.56);
    const firstName = woman ? random.pick(WOMEN) : random.pick(MEN);
    const lastName = random.pick(LAST_NAMES);
    const location = random.pick(METROS);
    const userAgent = random.pick(AGENTS);
    const registration = this.begin - 1_000 - random.below(20 * 86_400) * 1_000;
    const firstLevel = random.chance(rank < this.count / 5 ? 0.7 : 0.08) ? 'paid' : 'free';
    return {
      rank,
      userId: String(1 + ((rank * this.stride) % this.count)),
      firstName: logString(firstName),
      lastName: logString(lastName),
      gender: woman ? 'F' : 'M',
      location: logString(location),
      userAgent: logString(userAgent),
      registration,
      firstLevel,
      changes: this.changes(random),
    };
  }

  private changes(random: Random): readonly number[] {
    if (!random.chance(0.12)) return [];
    const first = this.begin + random.below(MONTH_MS);
    return random.chance(0.7) ? [first] : [first, first + random.below(this.begin + MONTH_MS - first)];
  }
}

/** The level that a listener has decided on; the log knows it once the page that submits it was sent. */
export function levelAt({ firstLevel, changes }: Listener, ts: number): Level {
  const changed = changes.filter((change) => change <= ts).length % 2 === 1;
  return changed ? otherLevel(firstLevel) : firstLevel;
}

export function otherLevel(level: Level): Level {
  return level === 'free' ? 'paid' : 'free';
}

/** A step that visits every user id once, so that active users are not those with small ids. */
function coprimeStride(count: number): number {
  let stride = Math.max(1, Math.floor((count * 5) / 8));
  while (greatestCommonDivisor(stride, count) !== 1) stride += 1;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
