import { PrepareError } from './prepare-error.mjs';

/**
 * @param {string} range the manifest's engines.node, of the form ">=20.19"
 * @throws PrepareError when this Node is older, or the platform is one that the servers do not run on
 */
export function checkNode(range) {
  const minimum = range.replace(/^>=\s*/, '');
  if (isOlder(process.versions.node, minimum)) {
    throw new PrepareError(
      `Node ${process.versions.node} is too old; ${minimum} or newer is needed. Install it from https://nodejs.org or with a version manager, for example \`nvm install --lts\`.`,
    );
  }
  if (process.platform === 'win32') {
    throw new PrepareError(
      'The local servers do not run on Windows itself. Use it inside WSL (https://learn.microsoft.com/windows/wsl/install).',
    );
  }
}

function isOlder(version, minimum) {
  const ours = version.split('.').map(Number);
  const theirs = minimum.split('.').map(Number);
  for (const index of [0, 1, 2]) {
    const difference = (ours[index] ?? 0) - (theirs[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
