import assert from 'node:assert/strict';
import { INPUT_SCHEMAS, parseInput } from '../../src/domain/input.js';
import type { WorkflowName } from '../../src/domain/names.js';

const TARGET = { host: 'h', database: 'dev', user: 'u', password: { env: 'STARSHIFT_PASSWORD' } };
const SOURCE = { url: 's3://music/' };
const LOAD = { warehouse: 'music', source: SOURCE, target: TARGET };
const BUILD = { warehouse: 'music', source: SOURCE, target: TARGET };

function errorsOf(workflow: WorkflowName, value: unknown): readonly string[] {
  const parsed = parseInput(INPUT_SCHEMAS[workflow], value);
  return 'errors' in parsed ? parsed.errors : [];
}

/** Errors of a buildWarehouse input with a cluster that has these fields. */
function clusterErrors(cluster: object): readonly string[] {
  return errorsOf('buildWarehouse', {
    warehouse: 'music',
    source: SOURCE,
    cluster: { identifier: 'music', ...cluster },
  });
}

describe('parseInput', () => {
  it('fills in the defaults', () => {
    const parsed = parseInput(INPUT_SCHEMAS.buildWarehouse, {
      warehouse: 'music',
      source: SOURCE,
      cluster: { identifier: 'music' },
    });
    assert.deepEqual(parsed, {
      input: {
        warehouse: 'music',
        schema: 'public',
        source: SOURCE,
        cluster: {
          identifier: 'music',
          nodeType: 'ra3.large',
          nodes: 1,
          database: 'dev',
          adminUser: 'admin',
          adminPassword: { managed: true },
          port: 5439,
          publiclyAccessible: false,
          ingress: [],
          allowPublic: false,
        },
        recreate: false,
        maxErrors: 0,
        mode: 'full',
        onChanged: 'fail',
        reload: [],
        whenBusy: 'wait',
        onFailure: 'park',
        decisionTimeout: '72 hours',
      },
    });
  });

  it('reports every error at once, each with its path', () => {
    assert.deepEqual(
      errorsOf('buildWarehouse', {
        warehouse: 'My Music',
        source: { url: 'music', bucket: 'x' },
        target: { cluster: 'Music!' },
        onFailure: 'shrug',
        decisionTimeout: 'soon',
        colour: 'blue',
      }),
      [
        'warehouse: is not the name of a warehouse folder',
        'source.url: is not an S3 URL; write for example "s3://my-bucket/music/"',
        'source.bucket: is not a known field',
        'target.cluster: is not a cluster identifier',
        'onFailure: must be "park" or "fail"',
        'decisionTimeout: is not a duration; write for example "30 minutes" or "72 hours"',
        'colour: is not a known field',
      ],
    );
  });

  it('reports rules across fields beside wrong fields', () => {
    const cluster = { identifier: 'music', nodes: '2', ingress: ['0.0.0.0/0'] };
    assert.deepEqual(errorsOf('buildWarehouse', { warehouse: 7, source: SOURCE, cluster, target: TARGET }), [
      'warehouse: must be a string, not a number',
      'cluster.nodes: must be a number, not a string',
      'cluster.ingress.0: 0.0.0.0/0 opens the cluster to the internet; name your own network, or add "allowPublic": true',
      'cluster: give either "cluster" (provision) or "target" (use what exists)',
    ]);
  });

  it('takes reload for incremental loads only', () => {
    const message =
      'reload: is for incremental loads: a full load reads every file anyway; add "mode": "incremental", or leave it out';
    const reload = ['log_data/a.json'];
    assert.deepEqual(errorsOf('loadWarehouse', { ...LOAD, reload }), [message]);
    assert.deepEqual(errorsOf('loadWarehouse', { ...LOAD, mode: 'full', reload, colour: 'blue', maxErrors: -1 }), [
      'maxErrors: must be at least 0',
      'colour: is not a known field',
      message,
    ]);
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, mode: 'full', reload }), [message]);
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, mode: 'sometimes', reload }), [
      'mode: is not a mode; write full or incremental',
    ]);
    for (const input of [
      { mode: 'incremental', reload },
      { mode: 'full', reload: [] },
    ]) {
      assert.ok('input' in parseInput(INPUT_SCHEMAS.loadWarehouse, { ...LOAD, ...input }));
    }
  });

  it('tells what is too small, too large, empty, broken or not among the choices in plain words', () => {
    assert.deepEqual(
      clusterErrors({ nodes: 0, port: 70_000, vpcId: '', iamRole: 'role', adminPassword: { managed: false } }),
      [
        'cluster.nodes: must be at least 1',
        'cluster.adminPassword.managed: must be true',
        'cluster.port: must be at most 65535',
        'cluster.vpcId: must not be empty',
        'cluster.iamRole: must begin with "arn:"',
      ],
    );
    assert.deepEqual(clusterErrors({ nodes: 1.5, port: 80 }), [
      'cluster.nodes: must be a whole number',
      'cluster.port: must be at least 1115',
    ]);
    assert.deepEqual(errorsOf('teardownWarehouse', { cluster: 'music', finalSnapshot: 'x'.repeat(256) }), [
      'finalSnapshot: must be at most 255 characters long',
    ]);
    assert.deepEqual(errorsOf('loadWarehouse', { ...LOAD, maxErrors: 100_001 }), ['maxErrors: must be at most 100000']);
  });

  it('names the input itself when it is no object', () => {
    for (const value of ['text', 7, []]) assert.equal(errorsOf('loadWarehouse', value).length, 1);
    assert.deepEqual(errorsOf('loadWarehouse', 'text'), ['input: must be an object, not a string']);
  });

  it('takes a missing input for an empty one', () => {
    assert.deepEqual(errorsOf('teardownWarehouse', undefined), ['cluster: is missing; it must be a string']);
  });

  it('wants exactly one of cluster and target', () => {
    const message = 'cluster: give either "cluster" (provision) or "target" (use what exists)';
    assert.deepEqual(errorsOf('buildWarehouse', { warehouse: 'music', source: SOURCE }), [message]);
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, cluster: { identifier: 'music' } }), [message]);
  });

  it('allows teardown only for a cluster', () => {
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, teardown: {} }), [
      'teardown: is only possible with "cluster": a target is never deleted',
    ]);
  });

  it('refuses dc2 with the reason, and node types it does not know', () => {
    assert.deepEqual(clusterErrors({ nodeType: 'dc2.large' }), [
      'cluster.nodeType: dc2 cannot be created any more (no new clusters since 2025-05-15, end of life 2026-04-24); use ra3.large or rg.large',
    ]);
    assert.deepEqual(clusterErrors({ nodeType: 'ra3.small' }), [
      'cluster.nodeType: is not a current node type: ra3.large|xlplus|4xlarge|16xlarge or rg.large|xlarge|4xlarge|12xlarge',
    ]);
    for (const nodeType of ['ra3.large', 'ra3.xlplus', 'ra3.4xlarge', 'ra3.16xlarge', 'rg.large', 'rg.12xlarge']) {
      assert.deepEqual(clusterErrors({ nodeType }), []);
    }
  });

  it('refuses to open a cluster to the internet unless the input says so', () => {
    for (const cidr of ['0.0.0.0/0', '::/0']) {
      assert.deepEqual(clusterErrors({ ingress: ['10.0.0.0/16', cidr] }), [
        `cluster.ingress.1: ${cidr} opens the cluster to the internet; name your own network, or add "allowPublic": true`,
      ]);
      assert.deepEqual(clusterErrors({ ingress: [cidr], allowPublic: true }), []);
    }
  });

  for (const cidr of ['1.2.3.4/0', '128.0.0.0/0', '0::/0', '0:0:0:0:0:0:0:0/0', '::0/0', '0.0.0.0/1', '8000::/1']) {
    it(`takes ${cidr} for the internet as well`, () => {
      assert.equal(clusterErrors({ ingress: [cidr] }).length, 1);
    });
  }

  it('names CIDR blocks that are none', () => {
    for (const cidr of ['10.0.0.0', '10.0.0.0/33', '300.0.0.0/8', '0.0.0.0/00', '1::2::3/64', 'fe80::/129', 'home']) {
      assert.deepEqual(clusterErrors({ ingress: [cidr] }), [
        'cluster.ingress.0: is not a CIDR block; write for example "10.0.0.0/16"',
      ]);
    }
    assert.deepEqual(clusterErrors({ ingress: ['10.0.0.0/16', '192.168.1.7/32', '2001:db8::/32', 'fd00::/8'] }), []);
  });

  it('takes no S3 URL that a policy would read as a pattern', () => {
    const message = 'must not contain "*", "?" or "${": in the policy of the role for COPY they would match other keys';
    for (const key of ['music*', 'mus?c/', '${aws:']) {
      assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, source: { url: `s3://music/${key}` } }), [
        `source.url: ${message}`,
      ]);
      assert.deepEqual(
        errorsOf('buildWarehouse', { ...BUILD, source: { ...SOURCE, workspace: `s3://music/${key}` } }),
        [`source.workspace: ${message}`],
      );
    }
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, source: { url: 's3://music/$5 {a}/' } }), []);
  });

  it('takes no password, only where one is kept', () => {
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, target: { ...TARGET, password: 'Secret123' } }).length, 1);
    assert.deepEqual(clusterErrors({ adminPassword: { env: 'AWS_SECRET_ACCESS_KEY' } }), [
      'cluster.adminPassword.env: must be a variable whose name begins with STARSHIFT_PASSWORD',
    ]);
    assert.deepEqual(clusterErrors({ adminPassword: { env: 'STARSHIFT_PASSWORD_MUSIC' } }), []);
    const secret = { ...TARGET, password: { secretsManager: 'music/admin' } };
    assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, target: secret }), []);
  });

  it('never repeats a value that may be a secret', () => {
    const target = { ...TARGET, password: 'Secret123' };
    assert.doesNotMatch(errorsOf('buildWarehouse', { ...BUILD, target }).join('\n'), /Secret123/);
  });

  it('tells of a target the alternative that was meant', () => {
    const { password: _, ...incomplete } = TARGET;
    assert.deepEqual(errorsOf('loadWarehouse', { warehouse: 'music', source: SOURCE, target: incomplete }), [
      'target.password: is missing; it must be an object',
    ]);
  });

  it('knows durations', () => {
    for (const decisionTimeout of ['500 ms', '30s', '1.5 hours', '3 days', '10 minutes']) {
      assert.deepEqual(errorsOf('buildWarehouse', { ...BUILD, decisionTimeout }), []);
    }
    for (const decisionTimeout of ['0 s', '-1 s', '1 fortnight', '']) {
      assert.equal(errorsOf('buildWarehouse', { ...BUILD, decisionTimeout }).length, 1, decisionTimeout);
    }
  });

  it('knows cluster identifiers', () => {
    for (const identifier of ['Music', '1music', 'music-', 'mu--sic', 'm'.repeat(64), '']) {
      assert.equal(clusterErrors({ identifier }).length, 1, identifier);
    }
    for (const identifier of ['music', 'music-2', 'a', 'm'.repeat(63)])
      assert.deepEqual(clusterErrors({ identifier }), []);
  });
});
