import type { PlayedSong } from './catalogue.js';
import { logString } from './json-text.js';
import { type Level, type Listener, levelAt, otherLevel } from './listener.js';
import type { Random } from './random.js';

/** What a session needs to know about everything outside of it. */
export interface SessionWorld {
  /** Drawn from by all sessions, in the order of their events. */
  readonly random: Random;
  /** Picks what is played now. */
  readonly play: (ts: number) => PlayedSong;
  /** Ranks of the listeners who have gone over to the other level in an earlier event. */
  readonly switched: Set<number>;
  /** Events must lie before it, epoch milliseconds. */
  readonly end: number;
}

export interface SessionStart {
  readonly sessionId: number;
  readonly listener: Listener;
  readonly ts: number;
  readonly events: number;
}

/** Pages and how they are requested. */
const PAGES = {
  NextSong: ['PUT', 200],
  Home: ['GET', 200],
  Login: ['PUT', 307],
  Logout: ['PUT', 307],
  Downgrade: ['GET', 200],
  Upgrade: ['GET', 200],
  Settings: ['GET', 200],
  'Save Settings': ['PUT', 307],
  'Submit Upgrade': ['PUT', 307],
  'Submit Downgrade': ['PUT', 307],
  Help: ['GET', 200],
  About: ['GET', 200],
  Error: ['GET', 404],
} as const;
type Page = keyof typeof PAGES;

/** Pages besides NextSong with the share of each per 10,000, as in the public sample. */
const OTHER_PAGES: readonly (readonly [Page, number])[] = [
  ['Home', 500],
  ['Logout', 120],
  ['Downgrade', 80],
  ['Settings', 75],
  ['Help', 50],
  ['About', 30],
  ['Error', 12],
];
const LOGGED_OUT_PAGES: readonly (readonly [Page, number])[] = [
  ['Home', 6_000],
  ['Login', 3_200],
  ['About', 500],
  ['Help', 300],
];
const FIRST_PAGES: readonly (readonly [Page, number])[] = [
  ['Home', 4_400],
  ['About', 30],
  ['Help', 30],
  ['Error', 15],
];
/** Share of sessions that begin before the user has logged in. */
const STARTS_LOGGED_OUT = 0.08;

/** One visit of one user: a sequence of events, each a line of the log. */
export class Session {
  /** Time of the next event, epoch milliseconds. */
  ts: number;
  readonly sessionId: number;
  private readonly listener: Listener;
  private remaining: number;
  private item = 0;
  private level: Level = 'free';
  private loggedIn = true;
  private last: Page | undefined;

  constructor({ sessionId, listener, ts, events }: SessionStart) {
    this.sessionId = sessionId;
    this.listener = listener;
    this.ts = ts;
    this.remaining = events;
  }

  get done(): boolean {
    return this.remaining === 0;
  }

  /** The next line, without a line break; moves on to the event after it. */
  next(world: SessionWorld): string {
    const { random, switched } = world;
    this.level = switched.has(this.listener.rank) ? otherLevel(this.listener.firstLevel) : this.listener.firstLevel;
    if (this.item === 0) this.loggedIn = !random.chance(STARTS_LOGGED_OUT);
    const page = this.choosePage(random);
    const song = page === 'NextSong' ? world.play(this.ts) : undefined;
    const line = this.loggedIn ? this.userLine(page, song) : this.strangerLine(page);
    this.follow(page, switched);
    const gap = song === undefined ? 1 + random.below(240) : Math.floor(song.durationE5 / 100_000);
    this.remaining -= 1;
    this.item += 1;
    this.last = page;
    // Near the end of the month the rest of the session hurries.
    this.ts += Math.min(gap * 1_000, Math.floor((world.end - this.ts) / (this.remaining + 2)));
    return line;
  }

  private choosePage(random: Random): Page {
    if (!this.loggedIn) return draw(LOGGED_OUT_PAGES, random) ?? 'Home';
    if (this.item === 0) return draw(FIRST_PAGES, random) ?? 'NextSong';
    const due = levelAt(this.listener, this.ts);
    if (due !== this.level) return due === 'paid' ? 'Submit Upgrade' : 'Submit Downgrade';
    if (this.last === 'Settings' && random.chance(0.2)) return 'Save Settings';
    const page = draw(OTHER_PAGES, random) ?? 'NextSong';
    return page === 'Downgrade' && this.level === 'free' ? 'Upgrade' : page;
  }

  /** What an event changes for those after it. */
  private follow(page: Page, switched: Set<number>): void {
    if (page === 'Login') this.loggedIn = true;
    if (page === 'Logout') this.loggedIn = false;
    if (page !== 'Submit Upgrade' && page !== 'Submit Downgrade') return;
    const { rank } = this.listener;
    if (!switched.delete(rank)) switched.add(rank);
  }

  private userLine(page: Page, song: PlayedSong | undefined): string {
    const { firstName, gender, lastName, location, registration, userAgent, userId } = this.listener;
    const [method, status] = PAGES[page];
    const artist = song === undefined ? 'null' : logString(song.artistName);
    const title = song === undefined ? 'null' : logString(song.title);
    const length = song === undefined ? 'null' : song.durationE5 / 100_000;
    return `{"artist":${artist},"auth":"Logged In","firstName":${firstName},"gender":"${gender}","itemInSession":${this.item},"lastName":${lastName},"length":${length},"level":"${this.level}","location":${location},"method":"${method}","page":"${page}","registration":${registration}.0,"sessionId":${this.sessionId},"song":${title},"status":${status},"ts":${this.ts},"userAgent":${userAgent},"userId":"${userId}"}`;
  }

  private strangerLine(page: Page): string {
    const [method, status] = PAGES[page];
    return `{"artist":null,"auth":"Logged Out","firstName":null,"gender":null,"itemInSession":${this.item},"lastName":null,"length":null,"level":"${this.level}","location":null,"method":"${method}","page":"${page}","registration":null,"sessionId":${this.sessionId},"song":null,"status":${status},"ts":${this.ts},"userAgent":null,"userId":""}`;
  }
}

/** A page by its share per 10,000; undefined for the rest. */
function draw(pages: readonly (readonly [Page, number])[], random: Random): Page | undefined {
  let rest = random.below(10_000);
  for (const [page, share] of pages) {
    if (rest < share) return page;
    rest -= share;
  }
  return undefined;
}
