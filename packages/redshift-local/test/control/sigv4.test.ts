import assert from 'node:assert/strict';
import { verifySignature } from '../../src/control/aws/sigv4.js';

// The GET example of AWS's "Signature Version 4 test suite" (get-vanilla), with its published signature.
const KEY = {
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  arn: 'arn:aws:iam::000000000000:user/test',
  userId: 'AIDATEST',
};
const SIGNATURE = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const SIGNED_AT = new Date('2015-08-30T12:36:00Z');

function request(changes: { signature?: string; date?: string; token?: string; body?: string } = {}) {
  const { signature = SIGNATURE, date = '20150830T123600Z', token, body = '' } = changes;
  return {
    method: 'GET',
    url: '/',
    headers: {
      host: 'example.amazonaws.com',
      'x-amz-date': date,
      ...(token !== undefined && { 'x-amz-security-token': token }),
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    },
    body: Buffer.from(body),
  };
}

const lookUp = (id: string) => (id === 'AKIDEXAMPLE' ? KEY : undefined);

describe('SigV4 verification', () => {
  it("accepts the published example of AWS's test suite", () => {
    const caller = verifySignature(request(), lookUp, SIGNED_AT);
    assert.deepEqual([caller.accessKeyId, caller.region, caller.service], ['AKIDEXAMPLE', 'us-east-1', 'service']);
  });

  it('refuses a signature that differs in one digit', () => {
    const forged = request({ signature: `6${SIGNATURE.slice(1)}` });
    assert.throws(() => verifySignature(forged, lookUp, SIGNED_AT), { code: 'SignatureDoesNotMatch', status: 403 });
  });

  it('refuses a changed body', () => {
    const changed = request({ body: 'Action=DeleteCluster' });
    assert.throws(() => verifySignature(changed, lookUp, SIGNED_AT), { code: 'SignatureDoesNotMatch' });
  });

  it('refuses an unknown access key', () => {
    assert.throws(() => verifySignature(request(), () => undefined, SIGNED_AT), {
      code: 'InvalidClientTokenId',
      status: 403,
    });
  });

  it('refuses a session token with keys that are not temporary', () => {
    assert.throws(() => verifySignature(request({ token: 'x' }), lookUp, SIGNED_AT), { code: 'InvalidClientTokenId' });
  });

  it('refuses a request signed more than fifteen minutes ago', () => {
    const late = new Date('2015-08-30T12:51:01Z');
    assert.throws(() => verifySignature(request(), lookUp, late), { code: 'RequestExpired' });
  });

  it('refuses a request without a signature', () => {
    const { authorization: _, ...headers } = request().headers;
    assert.throws(() => verifySignature({ ...request(), headers }, lookUp, SIGNED_AT), {
      code: 'MissingAuthenticationToken',
    });
  });
});
