import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../src/cli/cli-error.js';
import { inspectData } from '../../src/cli/demo/demo-data.js';

describe('inspectData', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'starshift-data-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fill = () => {
    mkdirSync(join(folder, 'log_data/2018'), { recursive: true });
    mkdirSync(join(folder, 'song_data/A'), { recursive: true });
    writeFileSync(join(folder, 'log_data/2018/one.json'), '{}\n');
    writeFileSync(join(folder, 'song_data/A/two.json'), '{}\n');
    writeFileSync(join(folder, 'log_json_path.json'), '{"jsonpaths": []}\n');
  };

  it('names everything that is missing', async () => {
    mkdirSync(join(folder, 'song_data'));
    await assert.rejects(inspectData(folder), (error: unknown) => {
      assert.ok(error instanceof CliError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, /lacks log_data\/, song_data\/ \(it holds no \.json files\), log_json_path\.json\./);
      return true;
    });
  });

  it('refuses what is no folder', async () => {
    await assert.rejects(inspectData(join(folder, 'nowhere')), /is not a folder/);
  });

  it('counts the files and gives the same fingerprint until one changes', async () => {
    fill();
    const first = await inspectData(folder);
    assert.deepEqual([first.files, first.sizeBytes], [3, 24]);
    assert.equal((await inspectData(folder)).fingerprint, first.fingerprint);
    writeFileSync(join(folder, 'song_data/A/three.json'), '{}\n');
    assert.notEqual((await inspectData(folder)).fingerprint, first.fingerprint);
  });
});
