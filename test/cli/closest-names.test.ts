import assert from 'node:assert/strict';
import { closestNames } from '../../src/cli/closest-names.js';

describe('closestNames', () => {
  const TABLES = ['songplays', 'songs', 'staging_songs', 'users'];

  it('finds what was mistyped', () => {
    assert.deepEqual(closestNames('songplay', TABLES), ['songplays']);
    assert.deepEqual(closestNames('SONGSPLAYS', TABLES), ['songplays']);
    assert.deepEqual(closestNames('usres', TABLES), ['users']);
  });

  it('names nothing where nothing is alike', () => {
    assert.deepEqual(closestNames('weather', TABLES), []);
    assert.deepEqual(closestNames('', TABLES), []);
  });

  it('names each once, and at most three', () => {
    assert.deepEqual(closestNames('run', ['run-1', 'run-2', 'run-2', 'run-3', 'run-4']), ['run-1', 'run-2', 'run-3']);
  });
});
