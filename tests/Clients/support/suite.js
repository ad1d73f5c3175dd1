// What the tests of one file share: a server, and the official client on it.
import { before, after } from 'node:test';
import OpenAI from 'openai';
import { startServer, key } from './server.js';

/** The official client on a server, without retries unless a test wants them. */
export const clientOf = ({ address }, options = {}) => new OpenAI({ baseURL: `${address}/v1`, apiKey: key, maxRetries: 0, ...options });

/** A server from before the file's first test until after its last; `address`, `client` and the rest are there once a test runs. */
export function useServer(environment) {
  const shared = {};
  before(async () => {
    Object.assign(shared, await startServer(environment));
    shared.client = clientOf(shared);
  });
  after(() => shared.stop?.());
  return shared;
}
