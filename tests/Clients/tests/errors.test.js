// Every bad request of the error matrix, and every other status, as the official client raises it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import {
  APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, PermissionDeniedError, RateLimitError,
} from 'openai';
import { startServer, model } from '../support/server.js';
import { clientOf, useServer } from '../support/suite.js';

// support/bad-requests.json is written by tests/OpenAI.Tests (ErrorMatrixTests), which sends the same rows over plain HTTP.
const rows = JSON.parse(readFileSync(new URL('../support/bad-requests.json', import.meta.url)));
const messages = [{ role: 'user', content: 'x' }];
// Takes longer than the second that the server is given.
const endless = {
  model, messages, temperature: 2, n: 8,
  response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'array', minItems: 30, maxItems: 30, items: { type: 'string', minLength: 60, maxLength: 80 } } } },
};
const keys = { other: { Models__0: 'another-model' }, slow: { RequestsPerMinute: '1' } };

const environment = { OpenAI__BodyBytesMax: '300000' };
Object.entries(keys).forEach(([id, settings], index) => {
  environment[`Access__Keys__${index + 1}__Id`] = id;
  environment[`Access__Keys__${index + 1}__Hash`] = `sha256:${createHash('sha256').update(id).digest('hex')}`;
  for (const [name, value] of Object.entries(settings)) environment[`Access__Keys__${index + 1}__${name}`] = value;
});

const server = useServer(environment);

/** Without /v1: a row names its whole path. */
const whole = (one, options) => clientOf(one, { baseURL: one.address, ...options });

async function raisedBy(send, what) {
  try {
    await send();
  } catch (error) {
    return error;
  }
  return assert.fail(`no error: ${what}`);
}

/** The error that a raw body raises. */
const errorOf = (path, body, by = whole(server)) => raisedBy(() => by.post(path, { body, headers: { 'content-type': 'application/json' } }), `${path} ${body.slice(0, 300)}`);

test(`each of ${rows.length} bad requests is a BadRequestError with code, param, type and request id`, async () => {
  assert.ok(rows.length >= 150);
  for (const { endpoint, body, code, param } of rows) {
    const sent = body.replace('<x100000>', 'x'.repeat(100_000)).replace('"model":"m"', `"model":"${model}"`);
    const error = await errorOf(endpoint, sent);
    const where = `${endpoint} ${body}: ${error.message}`;
    assert.equal(error.constructor, BadRequestError, where);
    assert.deepEqual([error.status, error.code, error.param, error.type], [400, code, param, 'invalid_request_error'], where);
    assert.match(error.requestID, /^req_/);
  }
});

test('each other status is raised as its own class', async () => {
  const as = (apiKey) => whole(server, { apiKey });
  const fine = JSON.stringify({ model, messages, max_tokens: 1 });
  const chat = '/v1/chat/completions';
  const cases = [
    [AuthenticationError, 401, 'invalid_api_key', () => errorOf(chat, fine, as('wrong'))],
    [PermissionDeniedError, 403, 'model_not_allowed', () => errorOf(chat, fine, as('other'))],
    [PermissionDeniedError, 403, 'admin_required', () => raisedBy(() => whole(server).get('/admin'))],
    [NotFoundError, 404, 'model_not_found', () => errorOf(chat, JSON.stringify({ model: 'none', messages }))],
    [NotFoundError, 404, 'unknown_url', () => errorOf('/v1/none', fine)],
    [NotFoundError, 404, 'response_not_found', () => raisedBy(() => whole(server).get('/v1/responses/resp_none'))],
    [APIError, 405, 'method_not_allowed', () => raisedBy(() => whole(server).delete('/v1/models'))],
    [APIError, 413, 'request_too_large', () => errorOf(chat, JSON.stringify({ model, messages: [{ role: 'user', content: 'x'.repeat(400_000) }] }))],
    [APIError, 415, 'unsupported_content_encoding', () => raisedBy(() => whole(server).post(chat, { body: fine, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }))],
    [RateLimitError, 429, 'rate_limit_exceeded', async () => { await as('slow').post(chat, { body: JSON.parse(fine) }); return errorOf(chat, fine, as('slow')); }],
  ];
  for (const [type, status, code, raise] of cases) {
    const error = await raise();
    assert.equal(error.constructor, type, `${status} ${code}: ${error.message}`);
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.ok(error.message.length > 10);
  }
});

test('a stream that cannot go on raises the error of its event', async () => {
  const slow = await startServer({ OpenAI__RequestTimeMax: '00:00:01' });
  try {
    await assert.rejects(async () => {
      const stream = await clientOf(slow).chat.completions.create({ ...endless, stream: true });
      for await (const _ of stream);
    }, (error) => {
      assert.ok(error instanceof APIError);
      assert.equal(error.code, 'request_timeout');
      return true;
    });
  } finally {
    await slow.stop();
  }
});

test('a request that takes too long is an InternalServerError that says not to retry', async () => {
  const slow = await startServer({ OpenAI__RequestTimeMax: '00:00:01' });
  try {
    const error = await errorOf('/v1/chat/completions', JSON.stringify(endless), whole(slow, { maxRetries: 2 }));
    assert.equal(error.constructor, InternalServerError);
    assert.deepEqual([error.status, error.code, error.headers.get('x-should-retry')], [504, 'request_timeout', 'false']);
  } finally {
    await slow.stop();
  }
});
