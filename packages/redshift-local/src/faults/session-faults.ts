import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { RedshiftError } from '../redshift-error.js';
import { takesSpace } from './disk-quota.js';
import type { EndpointFaults } from './endpoint-faults.js';
import type { FaultRule } from './fault-rule.js';

/** One message of the client that runs statements: a Query, or an Execute. */
export interface StruckMessage {
  /** The statements that it runs. */
  readonly texts: readonly string[];
  /** Whether its answer is complete only with the Sync that follows. */
  readonly endsAtSync: boolean;
  /** Goes on as if nothing had happened. */
  proceed(): Promise<void> | undefined;
  /** Answers it with an error instead, which fails the transaction. */
  fail(error: RedshiftError): void;
}

/** What faults do to the session that they sit in. */
export interface FaultySession {
  label(): string;
  processId(): number;
  /** Whether it has ended, or its client is gone. */
  isClosed(): boolean;
  /** Aborted when the client cancels from now on, or goes away. */
  freshSignal(): AbortSignal;
  admin(): Promise<pg.Pool>;
  /** Nothing reaches the client any more. */
  mute(): void;
  /** Resets the client's connection and ends the session. */
  cut(): void;
  /** Resets the client's connection; the backend session stays. */
  orphan(): void;
  /** Resolves when everything sent to the server has been answered. */
  settled(): Promise<void>;
  /** Tells the log of the endpoint. */
  write(line: string): void;
}

const TERMINATED = new RedshiftError({
  sqlState: '57P01',
  message: 'terminating connection due to administrator command',
});

/** Lets the faults of an endpoint strike the statements of one session. */
export class SessionFaults {
  readonly #faults: EndpointFaults;
  readonly #session: FaultySession;
  #cutAtSync = false;
  /** What the client is told when the server ends the session. */
  lastWords: RedshiftError | undefined;

  constructor(faults: EndpointFaults, session: FaultySession) {
    this.#faults = faults;
    this.#session = session;
  }

  /** Whether statements have to be looked at. */
  get armed(): boolean {
    return this.#faults.armed;
  }

  /** Runs a message under the faults that meet it. Undefined when none does, and the caller goes on by itself. */
  meet(message: StruckMessage): Promise<void> | undefined {
    const { texts } = message;
    const rule = this.#faults.strike({ texts, label: this.#session.label() });
    if (rule === undefined && !this.#faults.hasQuota) return undefined;
    return this.#run(rule, message);
  }

  /** A Sync has been sent; resolves when the session may go on. */
  synced(): Promise<void> | undefined {
    return this.#cutAtSync ? this.#cutWhenSettled() : undefined;
  }

  async #run(rule: FaultRule | undefined, message: StruckMessage): Promise<void> {
    if (rule !== undefined) {
      const count = message.texts.length > 1 ? ` and ${message.texts.length - 1} more` : '';
      this.#session.write(`fault "${rule.id}": ${rule.action} at ${message.texts[0]?.slice(0, 80)}${count}`);
    }
    const error = rule?.action === 'error' ? injected(rule) : await this.#diskError(message);
    if (this.#session.isClosed()) return;
    if (error !== undefined) message.fail(error);
    else if (rule === undefined) await message.proceed();
    else await this.#strike(rule, message);
  }

  async #diskError({ texts }: StruckMessage): Promise<RedshiftError | undefined> {
    if (!this.#faults.hasQuota || !texts.some(takesSpace)) return undefined;
    try {
      await this.#faults.checkDisk(await this.#session.admin());
      return undefined;
    } catch (error) {
      if (error instanceof RedshiftError) return error;
      throw error;
    }
  }

  #strike(rule: FaultRule, message: StruckMessage): Promise<void> | undefined {
    switch (rule.action) {
      case 'dropBefore':
        this.#session.cut();
        return undefined;
      case 'dropAfter':
        return this.#dropAfter(message);
      case 'dropDuring':
        return this.#during(message, rule.afterMs, async () =>
          rule.keepBackend === true ? this.#session.orphan() : this.#session.cut(),
        );
      case 'terminate':
        this.lastWords = TERMINATED;
        return this.#during(message, rule.afterMs ?? 0, () => this.#terminate());
      case 'delay':
        return this.#delay(message, rule.ms);
      case 'error':
        message.fail(injected(rule));
        return undefined;
    }
  }

  async #dropAfter(message: StruckMessage): Promise<void> {
    this.#session.mute();
    this.#cutAtSync = message.endsAtSync;
    await message.proceed();
    if (!message.endsAtSync) await this.#cutWhenSettled();
  }

  async #cutWhenSettled(): Promise<void> {
    await this.#session.settled();
    this.#session.cut();
  }

  /** The statement's answer never goes out, also when it comes before its time is over. */
  #during(message: StruckMessage, afterMs: number, end: () => Promise<void>): Promise<void> | undefined {
    this.#session.mute();
    const pending = message.proceed();
    setTimeout(() => {
      if (this.#session.isClosed()) return;
      end().catch((error: unknown) => {
        this.#session.write(`a fault could not be injected: ${error instanceof Error ? error.message : error}`);
        this.#session.cut();
      });
    }, afterMs).unref();
    return pending;
  }

  async #terminate(): Promise<void> {
    const admin = await this.#session.admin();
    await admin.query('select pg_catalog.pg_terminate_backend($1)', [this.#session.processId()]);
  }

  async #delay(message: StruckMessage, ms: number): Promise<void> {
    const signal = this.#session.freshSignal();
    await delay(ms, undefined, { signal }).catch(() => undefined);
    if (this.#session.isClosed()) return;
    if (!signal.aborted) await message.proceed();
    else message.fail(new RedshiftError({ sqlState: '57014', message: "Query cancelled on user's request" }));
  }
}

function injected({ sqlstate, message, detail }: Extract<FaultRule, { action: 'error' }>): RedshiftError {
  return new RedshiftError({ sqlState: sqlstate, message, ...(detail !== undefined && { detail }) });
}
