import assert from 'node:assert/strict';
import { folderUrl, joinS3Url, parseS3Url, workspaceUrl } from '../../../src/adapters/s3/s3-url.js';

describe('S3 URLs', () => {
  it('join a root with and without a slash alike', () => {
    assert.equal(joinS3Url('s3://music', 'log_data/'), 's3://music/log_data/');
    assert.equal(joinS3Url('s3://music/2018/', 'log_data/'), 's3://music/2018/log_data/');
  });

  it('name the folder that they are taken for', () => {
    assert.equal(folderUrl('s3://music'), 's3://music/');
    assert.equal(folderUrl('s3://music/2018'), 's3://music/2018/');
    assert.equal(folderUrl('s3://music/2018//'), 's3://music/2018/');
  });

  it('split into bucket and key', () => {
    assert.deepEqual(parseS3Url('s3://music'), { bucket: 'music', key: '' });
    assert.deepEqual(parseS3Url('s3://music/a b/c'), { bucket: 'music', key: 'a b/c' });
  });

  it("put the workspace under the source's bucket unless the input names one", () => {
    assert.equal(workspaceUrl({ url: 's3://music/2018/' }), 's3://music/.starshift/');
    assert.equal(workspaceUrl({ url: 's3://music/', workspace: 's3://scratch/x' }), 's3://scratch/x/');
  });
});
