import assert from 'node:assert/strict';
import { readNotifySettings, splitWords } from '../src/notify-settings.js';

describe('The settings of notifications', () => {
  const read = (env: Record<string, string>) => {
    const errors: string[] = [];
    return { ...readNotifySettings(env, errors), errors };
  };

  it('name nothing by default', () => {
    assert.deepEqual(read({ STARSHIFT_NOTIFY_URL: '' }), {
      ...{ command: undefined, webhook: undefined, uiUrl: undefined, errors: [] },
    });
  });

  it('give the command its words and the environment without passwords', () => {
    const env = {
      STARSHIFT_NOTIFY_COMMAND: `/opt/page-me --team 'data & co' "$HOME"`,
      STARSHIFT_PASSWORD_MUSIC: 'x',
      PATH: '/bin',
    };
    assert.deepEqual(read(env).command, {
      argv: ['/opt/page-me', '--team', 'data & co', '$HOME'],
      environment: { PATH: '/bin' },
    });
  });

  it('take https anywhere and http on this machine', () => {
    for (const url of [
      'https://hooks.example.com/a',
      'http://127.0.0.1:8080/',
      'http://localhost/x',
      'http://[::1]:9/',
    ]) {
      assert.deepEqual(read({ STARSHIFT_NOTIFY_URL: url }).webhook, { url, secret: undefined });
    }
  });

  it('refuse what would go through a network in clear text, and show no part of an address', () => {
    for (const [url, why] of [
      ['http://hooks.example.com/t0ken', 'must begin with https://'],
      ['http://127.0.0.1.example.com/t0ken', 'must begin with https://'],
      ['ftp://127.0.0.1/t0ken', 'must begin with https://'],
      ['https://user:t0ken@hooks.example.com/', 'must not hold a user or password'],
      ['t0ken', 'is not an address'],
    ] as const) {
      const { webhook, errors } = read({ STARSHIFT_NOTIFY_URL: url });
      assert.equal(webhook, undefined);
      assert.match(errors.join(), new RegExp(`^STARSHIFT_NOTIFY_URL: ${why}`));
      assert.ok(!errors.join().includes('t0ken'), errors.join());
    }
  });

  it('refuse a secret without an address, a command without a program and an open quote', () => {
    assert.match(
      read({ STARSHIFT_NOTIFY_SECRET: 's3cret' }).errors.join(),
      /^STARSHIFT_NOTIFY_SECRET: signs what goes to/,
    );
    assert.match(read({ STARSHIFT_NOTIFY_COMMAND: '  ' }).errors.join(), /^STARSHIFT_NOTIFY_COMMAND: names no program/);
    assert.match(read({ STARSHIFT_NOTIFY_COMMAND: "a 'b" }).errors.join(), /^STARSHIFT_NOTIFY_COMMAND: a quote is not/);
  });

  it('know the Web UI by its address, without a slash at its end', () => {
    assert.equal(read({ STARSHIFT_UI_URL: 'https://temporal.example.com/' }).uiUrl, 'https://temporal.example.com');
    assert.match(read({ STARSHIFT_UI_URL: 'temporal' }).errors.join(), /^STARSHIFT_UI_URL: "temporal" is not/);
  });
});

describe('splitWords', () => {
  for (const [text, words] of [
    ['a b', ['a', 'b']],
    ['  a\t b ', ['a', 'b']],
    [`a'b c'"d e"`, ['ab cd e']],
    ['a\\ b \\"', ['a b', '"']],
    [`"a \\" \\$ \\n" ''`, ['a " $ \\n', '']],
    ['', []],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(splitWords(text), words));
  }

  for (const text of [`'a`, '"a', 'a\\']) {
    it(`does not read ${JSON.stringify(text)}`, () => assert.equal(splitWords(text), undefined));
  }
});
