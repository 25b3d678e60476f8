const TIMEOUT_MS = 1_000;

/** true when a GET of the address answers 2xx within a second; any other outcome is false. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not listening yet: the caller asks again until its deadline.
    return false;
  }
}
