import type { Catalogue, PlayedSong } from './catalogue.js';
import { Listeners, levelAt } from './listener.js';
import { Random } from './random.js';
import { Session, type SessionWorld } from './session.js';
import { SessionQueue } from './session-queue.js';

/** The month of the sample: November 2018, as in the public data. */
export const MONTH_BEGIN = Date.UTC(2018, 10, 1);
export const DAYS = 30;
export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const MONTH_END = MONTH_BEGIN + DAYS * DAY_MS;

/** How busy the hours of a day are, from midnight, UTC. */
const HOUR_WEIGHTS = [
  155, 154, 117, 109, 136, 162, 183, 179, 207, 270, 312, 336, 308, 324, 432, 477, 542, 494, 498, 367, 360, 280, 217,
  201,
] as const;
/** How busy the days of a week are, from Sunday. */
const DAY_WEIGHTS = [50, 122, 126, 161, 124, 122, 71] as const;

/** Events a session: lower ends of twentieths of all sessions. */
const SESSION_EVENTS = {
  paid: [1, 1, 1, 2, 3, 5, 7, 9, 12, 14, 18, 20, 24, 29, 36, 41, 49, 56, 64, 82, 128],
  free: [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 7, 66],
} as const;

const KIND = { plan: 20, events: 21 } as const;
/** Of the plays of songs that the catalogue has, this share was cut short: same title and artist, another duration, so no match. */
const CUT_SHORT = 0.02;

export interface EventStreamRequest {
  readonly seed: number;
  readonly events: number;
  readonly catalogue: Catalogue;
  /** Share of plays whose song the catalogue has, 0 to 1. */
  readonly matchShare: number;
}

/**
 * The log of the month in the order of time, exactly `events` lines. Sessions are planned an hour ahead: memory holds those that are
 * going on, and the users who have changed their level.
 */
export class EventStream {
  plays = 0;
  /** Plays with title, artist and duration of a song of the catalogue. */
  matchedPlays = 0;
  private readonly planning = new Random();
  private readonly random = new Random();
  private readonly listeners: Listeners;
  private readonly queue = new SessionQueue();
  private readonly world: SessionWorld;
  private readonly totalWeight: number;
  private hour = 0;
  private weightSoFar = 0;
  private planned = 0;
  private sessions = 0;

  constructor(private readonly request: EventStreamRequest) {
    this.planning.reseed(request.seed, KIND.plan);
    this.random.reseed(request.seed, KIND.events);
    this.listeners = new Listeners(request.seed, request.events, MONTH_BEGIN);
    this.world = { random: this.random, play: (ts) => this.play(ts), switched: new Set(), end: MONTH_END };
    this.totalWeight = Array.from({ length: DAYS * 24 }, (_, hour) => weightOf(hour)).reduce(
      (sum, weight) => sum + weight,
    );
  }

  /** Time of the next event; undefined at the end. */
  nextTs(): number | undefined {
    while (this.hour < DAYS * 24 && (this.queue.firstTs() ?? Infinity) >= MONTH_BEGIN + this.hour * HOUR_MS)
      this.planHour();
    return this.queue.firstTs();
  }

  /** The next event as a line without a line break. Only after nextTs() was not undefined. */
  next(): string {
    const session = this.queue.take();
    const line = session.next(this.world);
    if (!session.done) this.queue.add(session);
    return line;
  }

  /** Starts as many sessions as bring the events planned up to this hour's share of the month; long ones count for the hours after. */
  private planHour(): void {
    const from = MONTH_BEGIN + this.hour * HOUR_MS;
    this.weightSoFar += weightOf(this.hour);
    const target = Math.round((this.request.events * this.weightSoFar) / this.totalWeight);
    this.hour += 1;
    while (this.planned < target) {
      const ts = from + this.planning.below(HOUR_MS);
      const listener = this.listeners.listener(this.pickListener());
      const events = Math.min(this.sessionEvents(levelAt(listener, ts)), this.request.events - this.planned);
      this.sessions += 1;
      this.planned += events;
      this.queue.add(new Session({ sessionId: this.sessions, listener, ts, events }));
    }
  }

  /** Some listen far more than others: the square favours low ranks. */
  private pickListener(): number {
    const fraction = this.planning.fraction();
    return Math.floor(fraction * fraction * this.listeners.count);
  }

  private sessionEvents(level: 'free' | 'paid'): number {
    const twentieths = SESSION_EVENTS[level];
    const index = this.planning.below(20);
    const low = twentieths[index] ?? 1;
    const high = twentieths[index + 1] ?? low;
    return low + this.planning.below(high - low + 1);
  }

  private play(ts: number): PlayedSong {
    const { random } = this;
    const { catalogue, events, matchShare } = this.request;
    this.plays += 1;
    // Popular songs are played far more often than others, and what is popular moves on from week to week.
    const popularity = random.fraction() * random.fraction();
    const drift = random.chance(0.4) ? 1 + Math.floor((ts - MONTH_BEGIN) / WEEK_MS) : 0;
    if (!random.chance(matchShare)) {
      return catalogue.stranger(Math.floor(popularity * Math.max(1_000, events)));
    }
    const rank = Math.floor(popularity * popularity * catalogue.songs);
    const song = catalogue.played((rank + drift * 17) % catalogue.songs);
    if (random.chance(CUT_SHORT)) return { ...song, durationE5: song.durationE5 - 50_001 };
    this.matchedPlays += 1;
    return song;
  }
}

function weightOf(hour: number): number {
  // 1 November 2018 was a Thursday.
  const weekday = (4 + Math.floor(hour / 24)) % 7;
  return (HOUR_WEIGHTS[hour % 24] ?? 0) * (DAY_WEIGHTS[weekday] ?? 0);
}
