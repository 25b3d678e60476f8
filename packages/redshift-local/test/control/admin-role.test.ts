import assert from 'node:assert/strict';
import { CreateClusterCommand, GetClusterCredentialsCommand } from '@aws-sdk/client-redshift';
import type pg from 'pg';
import { connect } from './fixture/connect.js';
import { LocalPlane } from './fixture/local-plane.js';

const ADMIN = { username: 'admin', password: 'Sparkify2018' };
const USER = { username: 'reader', password: 'Reader2018x' };

/** An operator that is found before PostgreSQL's by whoever looks names up along the client's search path. */
const TRAP = `
  create schema trap;
  create table trap.sprung (who varchar(64));
  create function trap.same(oid, oid) returns boolean language plpgsql as $$
  begin
    insert into trap.sprung values (current_user);
    return true;
  end $$;
  call run('create operator trap.= (leftarg = oid, rightarg = oid, function = trap.same)')`;

describe("a cluster's admin", () => {
  const local = new LocalPlane();
  let admin: pg.Client;
  let as: (login: typeof USER, database?: string) => Promise<pg.Client>;

  before(async () => {
    await local.start();
    const input = { ClusterIdentifier: 'main', NodeType: 'ra3.large', MasterUsername: ADMIN.username };
    const { redshift } = local.clients();
    await redshift.send(new CreateClusterCommand({ ...input, MasterUserPassword: ADMIN.password }));
    const cluster = await local.clusterIn('main', 'available');
    as = (login, DBName = 'dev') => connect({ ...cluster, DBName }, login, local.plane.caFile);
    admin = await as(ADMIN);
    await admin.query(`create user ${USER.username} password '${USER.password}'; create table t (a int)`);
    await admin.query('create procedure run(sql varchar) language plpgsql as $$ begin execute sql; end $$');
    await admin.query('insert into t values (1); grant select on t to reader');
  });
  after(async () => {
    await admin.end();
    await local.remove();
  });

  it('is no superuser of PostgreSQL', async () => {
    const { rows } = await admin.query(
      `select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = 'admin'`,
    );
    assert.deepEqual(rows, [{ rolsuper: false, rolcreaterole: true, rolcreatedb: true }]);
  });

  it('sees the loads of every user, who see their own', async () => {
    await admin.query('grant insert on t to reader');
    const reader = await as(USER);
    const keys = 'aws_access_key_id=A;aws_secret_access_key=B';
    await assert.rejects(reader.query(`copy t from 's3://nowhere/' credentials '${keys}' json 'auto'`));
    await assert.rejects(admin.query(`copy t from 's3://nowhere/' credentials '${keys}' json 'auto'`));
    const loads = 'select count(distinct user_id)::int as users from sys_load_history';
    const seen = { admin: (await admin.query(loads)).rows, reader: (await reader.query(loads)).rows };
    await reader.end();
    await admin.query('revoke insert on t from reader');
    assert.deepEqual(seen, { admin: [{ users: 2 }], reader: [{ users: 1 }] });
  });

  const machine: readonly string[] = [
    "select pg_read_file('/etc/passwd')",
    "select pg_read_binary_file('/etc/passwd')",
    "select * from pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select lo_export(1, '/tmp/x')",
    'set role rdsdb',
    'set session authorization rdsdb',
    "set session authorization 'rdsdb'",
    'checkpoint',
    'grant pg_read_server_files to admin',
    'alter user rdsdb password null',
    'alter user admin superuser',
    'create user other superuser',
    "create function f() returns int language c as '/lib/libc.so', 'f'",
    "call run('copy t from program ''id''')",
    "call run('copy t to ''/tmp/x''')",
    "call run('set role rdsdb')",
    'set log_min_messages to debug1',
    'delete from redshift_local.table_design',
  ];
  for (const sql of machine) {
    it(`may not reach the machine: ${sql}`, async () => {
      await assert.rejects(admin.query(sql), { code: '42501' });
    });
  }

  it('may not change the settings of the server', async () => {
    await assert.rejects(admin.query("alter system set work_mem = '1GB'"));
  });

  it('lends its superuser to nobody: functions that run as one look nothing up along the search path', async () => {
    await admin.query(TRAP);
    const probe = await as(ADMIN);
    await probe.query('set search_path to trap, pg_catalog, public');
    for (const call of [
      "redshift_local.lock_relation('public.t'::regclass)",
      "redshift_local.row_count('public.t'::regclass)",
      `redshift_local.declare_table('public.t', '{"keys": [], "backup": true}')`,
      `redshift_local.amend_table('public.t', '{"keys": []}')`,
    ]) {
      await probe.query(`select ${call}`);
    }
    await probe.query('create table public.passing (a int); drop table public.passing');
    await probe.end();
    assert.deepEqual((await admin.query("select who from trap.sprung where who = 'rdsdb'")).rows, []);
  });

  it('lends it to no function of the same name as one of PostgreSQL either', async () => {
    await admin.query('create table told (who varchar(64)); grant insert on told to public');
    await admin.query(`create function public.lower(name) returns text language plpgsql as $$
      begin insert into public.told values (current_user); return $1::text; end $$`);
    await local.plane.context.runtime.asSuperuser('main', 'dev', (client) =>
      client.query('select lower(relname) from pg_class limit 1'),
    );
    assert.deepEqual((await admin.query("select who from told where who = 'rdsdb'")).rows, []);
  });

  it('does not have a view read as the superuser', async () => {
    await admin.query("create view peek as select pg_read_file('/etc/passwd') as text");
    const { rows } = await admin.query("select redshift_local.row_count('peek'::regclass) as counted");
    assert.deepEqual(rows, [{ counted: null }]);
  });

  it('owns its database and public, creates databases, and drops them', async () => {
    await admin.query('create database other');
    const inside = await as(ADMIN, 'other');
    await inside.query('create schema s; create table public.x (a int); create table s.y (a int)');
    await inside.query('vacuum');
    await inside.query('analyze');
    await inside.query('drop schema s cascade; revoke create on schema public from public');
    await inside.end();
    await admin.query('drop database other');
    await admin.query('alter database dev connection limit 100; grant create on schema public to reader');
  });

  it('manages users and groups, and what they own', async () => {
    await admin.query(
      "create user u1 password 'Abcdefg1'; create group g1 with user u1; create schema s1 authorization u1",
    );
    await admin.query(
      "alter user u1 password 'Abcdefg2'; alter user u1 valid until '2100-01-01'; alter group g1 drop user u1",
    );
    const u1 = await as({ username: 'u1', password: 'Abcdefg2' });
    await u1.query('create table s1.mine (a int); insert into s1.mine values (7)');
    await u1.end();
    assert.deepEqual((await admin.query('select a from s1.mine')).rows, [{ a: 7 }]);
    await admin.query('alter table s1.mine add column b int; alter table s1.mine owner to admin');
    await admin.query('vacuum s1.mine');
    await admin.query('truncate s1.mine');
    await admin.query('drop schema s1 cascade; drop group g1; drop user u1');
  });

  it('acts as another user with SET SESSION AUTHORIZATION', async () => {
    const session = await as(ADMIN);
    await session.query("set session authorization 'reader'");
    assert.deepEqual((await session.query('select current_user as u')).rows, [{ u: 'reader' }]);
    await assert.rejects(session.query('insert into t values (2)'), { code: '42501' });
    await session.query('reset session authorization');
    await session.query('set session authorization reader; set session authorization default');
    assert.deepEqual((await session.query('select current_user as u')).rows, [{ u: 'admin' }]);
    await session.end();
  });

  it('sees and ends the sessions of others', async () => {
    const reader = await as(USER);
    const { rows } = await reader.query('select pg_backend_pid() as pid');
    const seen = await admin.query('select user_name from stv_sessions where process = $1', [rows[0].pid]);
    assert.deepEqual(seen.rows, [{ user_name: 'reader' }]);
    const ended = new Promise((resolve) => reader.once('end', resolve));
    await admin.query(`select pg_terminate_backend(${rows[0].pid})`);
    await ended;
  });

  it('manages what temporary users create', async () => {
    const request = { ClusterIdentifier: 'main', DbUser: 'guest', AutoCreate: true };
    const { redshift } = local.clients();
    const { DbUser, DbPassword } = await redshift.send(new GetClusterCredentialsCommand(request));
    const guest = await as({ username: DbUser ?? '', password: DbPassword ?? '' });
    await guest.query('create table g (a int); insert into g values (3)');
    await guest.end();
    assert.deepEqual((await admin.query('select a from g')).rows, [{ a: 3 }]);
    await admin.query('drop table g');
  });

  it('leaves no lock to a user who may not write', async () => {
    const reader = await as(USER);
    await reader.query("begin; select redshift_local.lock_for_write('t')");
    await reader.query("select redshift_local.lock_relation('t'::regclass)");
    const { rows } = await admin.query(
      "select mode from pg_locks where relation = 't'::regclass and mode = 'ShareRowExclusiveLock'",
    );
    assert.deepEqual(rows, []);
    await reader.end();
  });

  it('is the only one who declares the design of its tables', async () => {
    const reader = await as(USER);
    await assert.rejects(reader.query("select redshift_local.amend_relation('t'::regclass, '{}')"), { code: '42501' });
    await reader.end();
  });

  it('stays an ordinary role and keeps a password of its own choice over a restart', async () => {
    await admin.query("alter user admin password 'Changed2018'");
    await local.stop();
    await local.start();
    const cluster = await local.clusterIn('main', 'available');
    admin = await connect(cluster, { ...ADMIN, password: 'Changed2018' }, local.plane.caFile);
    assert.deepEqual((await admin.query('select a from t')).rows, [{ a: 1 }]);
  });
});
