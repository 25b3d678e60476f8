import type { OnStackEvent } from '../../local-stack/stack-event.js';
import type { Terminal } from '../terminal.js';

const EVERY_MS = 10_000;

/** Shows what the local stack does: on a terminal what goes on is re-drawn in place, else it is said now and then. */
export function stackLines(terminal: Terminal): OnStackEvent {
  const ongoing = new Map<string, string>();
  const saidAt = new Map<string, number>();
  return ({ part, message, ongoing: goesOn }) => {
    if (!goesOn) {
      ongoing.delete(part);
      terminal.say(`${part}: ${message}`);
    } else if (terminal.isLive) {
      ongoing.set(part, `${part}: ${message}`);
    } else if (performance.now() - (saidAt.get(part) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS) {
      saidAt.set(part, performance.now());
      terminal.say(`${part}: ${message}`);
    }
    terminal.draw([...ongoing.values()].join('\n'));
  };
}
