/** Whether it settles within so many milliseconds. Never rejects. */
export async function endsWithin(settled: Promise<void>, timeoutMs: number): Promise<boolean> {
  return withDeadline(
    settled.then(() => true),
    timeoutMs,
  ).catch(() => false);
}

/** The promise's result. Rejects when it takes longer; what it stands for goes on. */
export async function withDeadline<Result>(promise: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
