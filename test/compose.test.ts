import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { STACK_PORTS } from '../src/local-stack/ports.js';
import { stackEnvironment } from '../src/local-stack/stack-environment.js';
import { VERSITYGW_BINARY } from '../src/local-stack/versitygw-binary.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { readonly target: string };
  readonly ports?: readonly string[];
  readonly restart: string;
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const file: ComposeFile = parse(text, { merge: true });
  const services = Object.entries(file.services);
  const isOneShot = ({ restart }: Service) => restart.startsWith('on-failure');

  it('is valid by the schema of the Compose Specification', () => {
    // Strict mode rejects the schema's own "deprecated" notes, not anything in the file.
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(read('test/fixtures/compose-schema/compose-spec.json')));
    validate(file);
    assert.deepEqual(validate.errors ?? [], []);
    assert.equal(validate({ services: { broken: { ports: 'none' } } }), false);
  });

  it('has the services of the local stack', () => {
    const names = ['temporal-db', 'temporal-schema', 'temporal', 'temporal-namespace', 'temporal-ui', 's3'];
    assert.deepEqual(Object.keys(file.services), [...names, 'redshift-local', 'redshift-ca', 'worker']);
  });

  it('publishes ports on loopback only, those of the local stack', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports);
    const expected = Object.values(STACK_PORTS).map(({ preferred }) => preferred);
    assert.deepEqual(
      published.map((port) => Number(/^127\.0\.0\.1:(\d+):\d+$/.exec(port)?.[1])).sort(),
      expected.sort(),
    );
  });

  it('has a health check for every service that stays up', () => {
    const unchecked = services.filter(([, service]) => !isOneShot(service) && service.healthcheck === undefined);
    assert.deepEqual(
      unchecked.map(([name]) => name),
      [],
    );
  });

  it('waits for what a service needs: healthy if it stays up, completed if it ends', () => {
    for (const [name, { depends_on: needs = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const service = file.services[needed];
        assert.ok(service, `${name} needs ${needed}`);
        assert.equal(
          condition,
          isOneShot(service) ? 'service_completed_successfully' : 'service_healthy',
          `${name} -> ${needed}`,
        );
      }
    }
  });

  it('holds no secret: every password and key is a variable without a default', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET_(ACCESS_)?KEY|ACCESS_KEY/.test(name)),
    );
    assert.equal(secrets.length, 9);
    for (const [name, value] of secrets) assert.match(value, /^\$\{[A-Z0-9_]+:\?[^}]+\}$/, name);
  });

  it('names the variables that a new env file must hold', () => {
    const used = new Set([...text.matchAll(/\$\{([A-Z0-9_]+):\?/g)].map(([, name]) => name));
    const made = /for name in ([A-Z0-9_ ]+);/.exec(text)?.[1]?.split(' ');
    assert.deepEqual([...used].sort(), [...(made ?? [])].sort());
  });

  it('pins every image that it does not build', () => {
    const built = services.filter(([, { build }]) => build).map(([, { image }]) => image);
    for (const [name, { image }] of services) {
      assert.ok(image !== undefined && (built.includes(image) || /:v?\d+(\.\d+)*(-alpine)?$/.test(image)), name);
    }
    assert.equal(file.services.s3?.image, `versity/versitygw:v${VERSITYGW_BINARY.version}`);
  });

  it('builds targets that the Dockerfile has, and runs them without root', () => {
    const stages = read('Dockerfile').split(/^FROM /m);
    for (const target of services.flatMap(([, { build }]) => (build ? [build.target] : []))) {
      const stage = stages.find((candidate) => candidate.split('\n')[0]?.endsWith(` AS ${target}`));
      assert.match(stage ?? '', /^USER node$/m, target);
    }
  });

  it('declares every volume that it mounts', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    assert.deepEqual([...new Set(mounted)].sort(), Object.keys(file.volumes).sort());
  });

  it('gives the worker the endpoints that a local stack gives it', () => {
    const stack = {
      temporal: { address: 'a:1', uiUrl: undefined, namespace: 'default', binary: 'temporal' },
      s3: { endpoint: 'http://s3', region: 'r', accessKeyId: 'a', secretAccessKey: 's' },
      redshift: { controlUrl: 'http://c', caPath: '/ca' },
    };
    const local = stackEnvironment({ stack, temporalConfigFile: undefined, base: {} });
    const needed = Object.keys(local).filter((name) =>
      /ENDPOINT_URL_|^TEMPORAL_ADDRESS|^STARSHIFT_|_KEY|^AWS_REGION/.test(name),
    );
    const worker = Object.keys(file.services.worker?.environment ?? {});
    assert.deepEqual(
      needed.filter((name) => !worker.includes(name)),
      [],
    );
  });
});

describe('Dockerfile', () => {
  it('copies nothing that .dockerignore leaves out', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, paths]) => paths?.split(' ') ?? [],
    );
    assert.deepEqual(
      copied.filter((path) => !allowed.includes(path.split('/')[0] ?? '')),
      [],
    );
  });
});
