import { Context } from '@temporalio/activity';
import type { Adapters } from '../adapters/adapters.js';
import { postNotification } from '../adapters/notification/post-notification.js';
import { runNotifyCommand } from '../adapters/notification/run-notify-command.js';
import type { Notification } from '../domain/notification.js';
import type { NotifyActivities, NotifyOutcome } from './activities.js';
import { type Attempt, runAttempt } from './attempt.js';

type Way = NotifyOutcome['sent'][number];

/** Activities that tell people. */
export function createNotifyActivities({ notify }: Pick<Adapters, 'notify'>): NotifyActivities {
  return { notify: (notification) => runAttempt((attempt) => send(notify, notification, attempt)) };
}

/** One that fails does not keep the other from being told; what has been told is remembered for the next attempt. */
async function send(
  { command, webhook, uiUrl }: Adapters['notify'],
  notification: Notification,
  attempt: Attempt,
): Promise<NotifyOutcome> {
  const { signal } = attempt;
  const { id } = notification;
  const document = JSON.stringify(withLink(notification, uiUrl));
  const ways: readonly (readonly [Way, () => Promise<unknown>])[] = [
    ...(command === undefined ? [] : [['command', () => runNotifyCommand({ command, document, signal })] as const]),
    ...(webhook === undefined ? [] : [['webhook', () => postNotification({ webhook, id, document, signal })] as const]),
  ];
  const sent = new Set<Way>(sentBefore());
  const errors: unknown[] = [];
  for (const [way, tell] of ways.filter(([name]) => !sent.has(name))) {
    try {
      const outcome = await tell();
      Context.current().log.info('Notification sent', { notification: id, event: notification.event, way, outcome });
      sent.add(way);
      attempt.report({ sent: [...sent] });
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  if (errors.length > 0) throw worthRetrying(errors);
  return { sent: [...sent] };
}

function sentBefore(): readonly Way[] {
  const details = Context.current().info.heartbeatDetails as Partial<NotifyOutcome> | undefined;
  return details?.sent ?? [];
}

/** The one that may go away, so that another attempt is made; the SDK logs it. Others are logged here. */
function worthRetrying(errors: readonly unknown[]): unknown {
  const chosen = errors.find((error) => (error as Error).name === 'TransientError') ?? errors[0];
  for (const error of errors) {
    if (error !== chosen) Context.current().log.warn('Notification not sent', { error });
  }
  return chosen;
}

function withLink(notification: Notification, uiUrl: string | undefined): Notification {
  if (uiUrl === undefined) return notification;
  const { namespace, workflowId, runId } = notification;
  const path = ['namespaces', namespace, 'workflows', workflowId, runId, 'history'].map(encodeURIComponent).join('/');
  return { ...notification, uiUrl: `${uiUrl}/${path}` };
}
