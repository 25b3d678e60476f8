/** Resolves with the reason to stop: a signal, or the end of standard input when the parent is to be outlived by nothing. */
export function stopRequest(settings: { readonly exitWithParent: boolean }): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // A second Ctrl-C does not wait; the databases are then ended by their guards.
        if (asked && signal === 'SIGINT') process.exit(130);
        asked = true;
        resolve(signal);
      });
    }
    if (!settings.exitWithParent) return;
    const gone = (): void => resolve('the parent process is gone');
    process.stdin.once('end', gone).once('close', gone).once('error', gone).resume();
  });
}
