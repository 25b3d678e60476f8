import assert from 'node:assert/strict';
import { codeBlock, inlineText, paragraph, tableCell } from '../../src/domain/markdown.js';

describe('inlineText', () => {
  it('leaves titles of steps as they are', () => {
    for (const title of ['COPY staging_events <- s3://music/log_data (30 files)', 'CHECK a play has a song']) {
      assert.equal(inlineText(title), title);
    }
  });

  for (const text of [
    '<b>x',
    '[a](http://b)',
    'http://evil.example',
    'www.evil.example',
    '*x*',
    '_x_',
    '# x',
    '- x',
    '1. x',
    '&amp;',
  ]) {
    it(`makes a code span of ${text}`, () => assert.equal(inlineText(text), `\`${text}\``));
  }

  it('makes a code span that backticks cannot end', () => {
    assert.equal(inlineText('a`b``c'), '```a`b``c```');
    assert.equal(inlineText('`a`'), '`` `a` ``');
  });
});

describe('tableCell', () => {
  it('keeps bars and line feeds in the cell', () => {
    assert.equal(tableCell('a|b\nc'), '`a\\|b c`');
  });
});

describe('codeBlock', () => {
  it('is longer than every fence in it', () => {
    assert.equal(codeBlock('````\nx'), '`````\n````\nx\n`````');
  });
});

describe('paragraph', () => {
  it('is a code block unless it is plain', () => {
    assert.equal(paragraph('Cancelled.'), 'Cancelled.');
    assert.equal(paragraph('<x>'), '```\n<x>\n```');
  });
});
