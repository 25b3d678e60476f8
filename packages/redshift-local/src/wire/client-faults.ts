import type { Socket } from 'node:net';
import { SessionFaults, type StruckMessage } from '../faults/session-faults.js';
import type { RedshiftError } from '../redshift-error.js';
import type { BackendLink } from './backend-link.js';
import type { ExtendedQuery } from './extended-query.js';
import type { FrontendMessage } from './frontend-framer.js';
import type { InternalSession } from './internal-session.js';
import { readCString } from './message-encoding.js';
import { FRONTEND } from './message-types.js';
import type { QueryRunner } from './query-runner.js';
import type { SessionState } from './session-state.js';
import type { EndpointServices } from './special-statements.js';

/** The parts of a client session that faults reach into. */
export interface ClientFaultsOptions {
  /** The client's connection below TLS. */
  readonly socket: Socket;
  readonly state: SessionState;
  readonly services: EndpointServices;
  readonly link: BackendLink;
  readonly internal: InternalSession;
  readonly runner: QueryRunner;
  readonly extended: ExtendedQuery;
  isClosed(): boolean;
  /** The client's connection has ended. */
  clientGone(): void;
}

/** Faults injected into one client session. */
export class ClientFaults {
  readonly #options: ClientFaultsOptions;
  readonly #faults: SessionFaults;
  /** Answers are withheld: the client's connection is to be reset, or has been. */
  muted = false;
  /** The session goes on without a client. */
  orphaned = false;

  private constructor(options: ClientFaultsOptions, faults: (session: ClientFaults) => SessionFaults) {
    this.#options = options;
    this.#faults = faults(this);
  }

  /** Undefined when the endpoint injects none. */
  static of(options: ClientFaultsOptions): ClientFaults | undefined {
    const { faults } = options.services;
    if (faults === undefined) return undefined;
    return new ClientFaults(options, (session) => new SessionFaults(faults, session.#reach()));
  }

  /** What the client is told when the server ends the session. */
  get lastWords(): RedshiftError | undefined {
    return this.#faults.lastWords;
  }

  /** Runs a message under the faults that meet it; undefined when none does, and the caller goes on by itself. */
  meet(message: FrontendMessage, proceed: () => Promise<void> | undefined): Promise<void> | undefined {
    if (!this.#faults.armed) return undefined;
    const { link } = this.#options;
    const struck = this.#statementsOf(message, () => (link.skipping ? undefined : proceed()));
    return struck === undefined ? undefined : this.#faults.meet(struck);
  }

  /** A Sync has been sent; resolves when the session may go on. */
  synced(): Promise<void> | undefined {
    return this.#faults.synced();
  }

  #statementsOf(message: FrontendMessage, proceed: () => Promise<void> | undefined): StruckMessage | undefined {
    const { extended, runner } = this.#options;
    if (message.type === FRONTEND.execute) {
      const plan = extended.executed(message);
      if (plan === undefined) return undefined;
      return { texts: [plan.text], endsAtSync: true, proceed, fail: (error) => extended.refuse(plan, error) };
    }
    if (message.type !== FRONTEND.query) return undefined;
    const planned = runner.planned(readCString(message.body, 0).text);
    if (planned === undefined || planned.plans.length === 0) return undefined;
    const texts = planned.plans.map(({ text }) => text);
    return { texts, endsAtSync: false, proceed, fail: (error) => runner.refuse(planned, error) };
  }

  #reach(): ConstructorParameters<typeof SessionFaults>[1] {
    const { state, services, link, internal, clientGone } = this.#options;
    return {
      label: () => state.queryGroup,
      processId: () => state.processId,
      isClosed: () => this.#options.isClosed(),
      freshSignal: () => {
        internal.renewSignal();
        return internal.signal;
      },
      admin: () => services.admin(state.database),
      mute: () => {
        this.muted = true;
      },
      cut: () => {
        this.#reset();
        clientGone();
      },
      orphan: () => {
        this.orphaned = true;
        this.#reset();
        // Nobody is left to wait for.
        link.resume();
      },
      settled: () => link.settled(),
      write: (line) => services.write(`session ${state.processId}: ${line}`),
    };
  }

  #reset(): void {
    this.muted = true;
    this.#options.socket.resetAndDestroy();
  }
}
