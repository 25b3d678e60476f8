import assert from 'node:assert/strict';
import { PlanCache } from '../../src/wire/prepared-plan.js';

const SETTINGS = { caseSensitive: false };

/** What the histories get of a text's only statement. */
function logged(sql: string): string | undefined {
  return new PlanCache().plan(sql, SETTINGS).plans[0]?.text;
}

describe('the plans of an endpoint', () => {
  it('are remembered for texts that come again', () => {
    const plans = new PlanCache();
    assert.equal(plans.plan('select 1', SETTINGS), plans.plan('select 1', SETTINGS));
    assert.notEqual(plans.plan('select 1', SETTINGS), plans.plan('select 1', { caseSensitive: true }));
  });

  it('are not remembered for large statements', () => {
    const plans = new PlanCache();
    const rows = Array.from({ length: 3000 }, (_, at) => `(${at % 10},1)`).join(',');
    plans.plan(`insert into t values ${rows}`, SETTINGS);
    assert.equal(plans.weight, 0);
  });

  it('weigh no more than 100,000 tokens together', () => {
    const plans = new PlanCache();
    const rows = '(1,2),'.repeat(250);
    for (let at = 0; at < 200; at++) plans.plan(`insert into t${at} values ${rows}(3,4)`, SETTINGS);
    assert.ok(plans.weight <= 100_000 && plans.weight > 90_000, `they weigh ${plans.weight}`);
  });

  for (const [sql, text] of [
    [
      "copy t from 's3://b/k' access_key_id 'AKID' secret_access_key 'SECRET' session_token 'TOKEN' csv",
      "copy t from 's3://b/k' access_key_id '***' secret_access_key '***' session_token '***' csv",
    ],
    [
      "COPY t FROM 's3://b/k' WITH CREDENTIALS AS\n'aws_access_key_id=A;' -- continued\n'aws_secret_access_key=S' DELIMITER ','",
      "COPY t FROM 's3://b/k' WITH CREDENTIALS AS\n'***' \n'***' DELIMITER ','",
    ],
    ["copy t from 's3://b/k' iam_role 'arn:x' json 'auto'", "copy t from 's3://b/k' iam_role 'arn:x' json 'auto'"],
    [
      "/* a */ create user u password 'it''s' valid until '2030-01-01'",
      "/* a */ create user u password '***' valid until '2030-01-01'",
    ],
    ["alter user u with password e'x\\'y'", "alter user u with password '***'"],
    ["create table t (password varchar(9) default 'x')", "create table t (password varchar(9) default 'x')"],
    ["select password 'x' from t", "select password 'x' from t"],
  ] as const) {
    it(`are logged without secrets: ${text}`, () => assert.equal(logged(sql), text));
  }
});
