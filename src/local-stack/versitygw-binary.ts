import type { BinarySpec, ReleaseSource } from './binary-spec.js';

const VERSION = '1.8.0';

/** Names of versitygw's release archives, made to match `uname`. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Darwin', freebsd: 'Freebsd' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

/** versitygw, the local S3. */
export const VERSITYGW_BINARY: BinarySpec = {
  name: 'versitygw',
  title: 'the Versity S3 gateway',
  version: VERSION,
  // Older gateways were not tried with this project.
  minimumVersion: VERSION,
  // A build by hand with `go install` calls itself "git".
  parseVersion: (output) => /Version\s*:\s*v?(\d+\.\d+\.\d+)/.exec(output)?.[1],
  releases: releases(process.platform, process.arch),
  goPackage: `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`,
  goLinkerFlags: `-s -w -X main.Version=v${VERSION}`,
  goPackages: 545,
  byHand:
    'Install versitygw (https://github.com/versity/versitygw/releases) so that `versitygw` is on PATH; or install Go (https://go.dev/dl) and try again.',
};

function releases(platform: string, architecture: string): readonly ReleaseSource[] {
  const os = PLATFORMS[platform];
  const arch = ARCHITECTURES[architecture];
  if (os === undefined || arch === undefined) return [];
  const folder = `https://github.com/versity/versitygw/releases/download/v${VERSION}`;
  return [
    { archiveUrl: `${folder}/versitygw_v${VERSION}_${os}_${arch}.tar.gz`, checksumsUrl: `${folder}/checksums.txt` },
  ];
}
