import assert from 'node:assert/strict';
import {
  createTableShape,
  insertShape,
  queryShape,
  type SqlStatement,
  singleStatement,
} from '../../../src/adapters/warehouse/sql-shape.js';

const TABLES = new Set(['users', 'events', 'songs']);

function statement(sql: string): SqlStatement {
  const single = singleStatement(sql);
  assert.ok('value' in single, 'one statement');
  return single.value;
}

describe('sql shape', () => {
  it('drops the semicolon and what follows a statement', () => {
    assert.equal(statement('-- why\nselect 1 ;\n-- done\n').sql, '-- why\nselect 1');
  });

  it('does not take semicolons in strings, names, comments and dollar quotes for the end', () => {
    const sql = `select 'a;''b', "c;d", $$ e; $$ /* f; /* g; */ h; */ -- i;\n from users`;
    assert.equal(statement(`${sql};`).sql, sql);
  });

  it('names the line of a second statement', () => {
    assert.deepEqual(singleStatement('select 1;\n\n-- and\ndelete from users;'), {
      problem: { line: 4, message: 'holds more than one statement; write one a file' },
    });
  });

  it('refuses a file of comments only', () => {
    assert.deepEqual(singleStatement('-- nothing\n/* here */ ;'), {
      problem: { line: 1, message: 'holds no statement' },
    });
  });

  it('reads the columns of a CREATE TABLE and leaves its constraints', () => {
    const sql = `create table if not exists users (
      user_id integer not null, "First_Name" varchar(256) default 'a,b', price numeric(10, 2),
      primary key (user_id), foreign key (user_id) references songs (x), unique (price)
    );`;
    assert.deepEqual(createTableShape(statement(sql), 'users'), {
      value: { columns: ['user_id', 'first_name', 'price'] },
    });
  });

  it('leaves distribution and sort attributes to the designs', () => {
    const shape = createTableShape(statement('create table users (id int)\ndiststyle all sortkey (id)'), 'users');
    assert.deepEqual(shape, {
      problem: {
        line: 2,
        message:
          'has "diststyle all sortkey (id)" behind the closing parenthesis; distribution and sort attributes belong to the designs',
      },
    });
  });

  it('refuses a CREATE TABLE of another table, of a schema, or none at all', () => {
    const message = 'must create users, without a schema: create table users (...)';
    assert.deepEqual(createTableShape(statement('create table songs (id int)'), 'users'), {
      problem: { line: 1, message },
    });
    assert.deepEqual(createTableShape(statement('create table x.users (id int)'), 'users'), {
      problem: { line: 1, message },
    });
    assert.deepEqual(createTableShape(statement('drop table users'), 'users'), {
      problem: { line: 1, message: 'is not a CREATE TABLE; write create table users (...)' },
    });
  });

  it('finds the tables an INSERT reads, and no function argument', () => {
    const query = `with e as (select extract(hour from songs) from events)
      select trim(both 'x' from songs) from e join users on true where exists (select 1 from (select 1 from unknown) as s)`;
    assert.deepEqual(insertShape(statement(`insert into users (id, h) ${query};`), 'users', TABLES), {
      value: { columns: ['id', 'h'], reads: ['events', 'users'], query },
    });
  });

  it('refuses an INSERT that names a column twice', () => {
    assert.deepEqual(insertShape(statement('insert into users (id,\nname, "ID") select 1, 2, 3'), 'users', TABLES), {
      problem: { line: 2, message: 'names the column id twice' },
    });
  });

  it('refuses an INSERT without columns, into another table, or of values', () => {
    assert.deepEqual(insertShape(statement('insert into users select 1'), 'users', TABLES), {
      problem: { line: 1, message: 'names no columns; write insert into users (...) select ...' },
    });
    assert.deepEqual(insertShape(statement('insert into songs (a) select 1'), 'users', TABLES), {
      problem: { line: 1, message: 'is not an INSERT into users; write insert into users (...) select ...' },
    });
    assert.deepEqual(insertShape(statement('insert into users (a)\nvalues (1)'), 'users', TABLES), {
      problem: { line: 2, message: 'does not insert a query; write select or with after the columns' },
    });
  });

  it('takes a check only as a query', () => {
    assert.deepEqual(queryShape(statement('(select 1 from users) union (select 2 from songs)'), TABLES), {
      value: { reads: ['users', 'songs'] },
    });
    assert.deepEqual(queryShape(statement('delete from users'), TABLES), {
      problem: { line: 1, message: 'is not a query; begin with select or with' },
    });
  });
});
