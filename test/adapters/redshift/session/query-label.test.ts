import assert from 'node:assert/strict';
import { queryLabel } from '../../../../src/adapters/redshift/session/query-label.js';

describe('queryLabel', () => {
  const long = 'x'.repeat(400);

  it('says workflow id and step as they are where that is clear', () => {
    assert.equal(queryLabel({ workflowId: 'load-1', step: 'staging_events' }), 'starshift load-1 staging_events');
    assert.equal(queryLabel({ namespace: 'default', workflowId: 'a', step: 'check b' }), 'starshift a check b');
  });

  it('replaces what a label cannot hold, and adds a hash', () => {
    assert.equal(queryLabel({ workflowId: "it's\n", step: 's' }), 'starshift it_s_ s #b779905538504595');
  });

  it('tells apart namespaces of one name by the UUIDs that their servers gave them', () => {
    const namespaceId = '6f5a3b1e-0c2d-4e7f-8a9b-1c2d3e4f5a6b';
    assert.equal(
      queryLabel({ namespace: 'default', namespaceId, workflowId: 'build-1', step: 'songs' }),
      'starshift build-1 songs #2ef386767a7afaa6',
    );
  });

  it('keeps to the 320 characters of STL_QUERY.label', () => {
    const label = queryLabel({ workflowId: long, step: 's' });
    assert.equal(label.length, 320);
    assert.match(label, /^starshift x{292} #[0-9a-f]{16}$/);
  });

  it('never gives two pieces of work one label', () => {
    const works = [
      { workflowId: 'a b', step: 'c' },
      { workflowId: 'a', step: 'b c' },
      { workflowId: "it's", step: 's' },
      { workflowId: 'it_s', step: 's' },
      { workflowId: 'it"s', step: 's' },
      { workflowId: 'it\\s', step: 's' },
      { workflowId: long, step: 'one' },
      { workflowId: long, step: 'two' },
      { workflowId: `${long}y`, step: 'one' },
      { workflowId: 'load', step: 's' },
      { workflowId: 'load', step: 's ' },
      { workflowId: 'load', step: 's', namespace: 'music' },
      { workflowId: 'load', step: 's', namespace: 'films' },
      { workflowId: 'load', step: 's #0123456789abcdef' },
      { workflowId: 'load', step: 's', namespaceId: 'one' },
      { workflowId: 'load', step: 's', namespaceId: 'two' },
      { workflowId: 'load', step: 's', namespaceId: 'two', namespace: 'films' },
    ];
    assert.equal(new Set(works.map(queryLabel)).size, works.length);
  });
});
