// What clients send: valid requests, hostile ones, and ones whose client leaves. Each says what it was and, where something went wrong, what.
const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
const strict = (schema) => ({ response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } });
const deep = (depth) => (depth === 0 ? { type: 'string' } : object({ a: deep(depth - 1) }));
const person = object({ name: { type: 'string' }, city: { type: 'string' }, age: { type: 'integer' } });

/** Refused with a 4xx, or answered: never a 5xx, and never a hang. */
const hostile = [
  (random) => strict(deep(9 + Math.floor(random() * 40))),
  () => strict({ type: 'object', properties: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`p${i}`, { type: 'string' }])) }),
  () => strict({ type: 'string', enum: Array.from({ length: 1000 }, (_, i) => `value ${i}`) }),
  (random) => strict({ type: 'string', pattern: `^(a+)+(b|c{1,${1 + Math.floor(random() * 1000)}})*$`, maxLength: 20 }),
  (random) => strict({ type: 'string', pattern: `^(?=.*x{${Math.floor(random() * 500)}})(?!.*y)[a-z]{0,30}$` }),
  () => strict({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }),
  () => strict({ allOf: [{ type: 'string' }, { type: 'integer' }] }),
  () => strict({ type: 'integer', multipleOf: 7919, minimum: 1, maximum: 7918 }),
  (random) => strict({ type: 'array', uniqueItems: true, minItems: 2 + Math.floor(random() * 6), items: { enum: [1, 2, 3] } }),
  () => strict({ type: 'object', $dynamicRef: '#x', patternProperties: { '(': {} } }),
  () => ({ structured_outputs: { grammar: 'start: start start | "a"' } }),
  () => ({ structured_outputs: { regex: '(' } }),
  () => ({ temperature: -1 }), () => ({ messages: [] }), () => ({ max_tokens: 0 }), () => ({ no_such_field: 1 }), () => ({ logit_bias: { 99999999: 5 } }),
];

export class Requests {
  #server;
  #random;

  constructor(server, random) {
    this.#server = server;
    this.#random = random;
  }

  /** One request: what it was, and what went wrong or null. */
  async next() {
    const roll = this.#random();
    try {
      if (roll < 0.45) return ['schema', await this.#document(false)];
      if (roll < 0.62) return ['streamed schema', await this.#document(true)];
      if (roll < 0.72) return ['text', await this.#good('/v1/chat/completions', this.#chat({ max_tokens: 12 }))];
      if (roll < 0.76) return ['responses', await this.#good('/v1/responses', { model: 'cluster-extract-1', input: 'Hello.', max_output_tokens: 12 })];
      if (roll < 0.80) return ['completions', await this.#good('/v1/completions', { model: 'cluster-extract-1', prompt: 'Hello', max_tokens: 8 })];
      if (roll < 0.90) return ['disconnect', await this.#leave()];
      if (roll < 0.99) return ['hostile', await this.#hostile()];
      return ['no JSON', await this.#refused('/v1/chat/completions', '{"model":')];
    } catch (error) {
      return ['connection', `${error.message} ${error.cause?.message ?? ''}`];
    }
  }

  #chat = (more) => ({ model: 'cluster-extract-1', messages: [{ role: 'user', content: `Extract: 'Jane Doe ${Math.floor(this.#random() * 1000)} lives in Berlin and is 34 years old.'` }], ...more });

  #send = (where, body, options = {}) => this.#server.fetch(where, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...options });

  /** A schema of the moment in one of three, so that grammars are made and evicted. */
  #schema = () => (this.#random() < 0.66 ? person : object({ name: { type: 'string', maxLength: 5 + Math.floor(this.#random() * 40) }, age: { type: 'integer', minimum: 0, maximum: 100 + Math.floor(this.#random() * 100_000) } }));

  async #document(isStreamed) {
    const schema = this.#schema();
    const response = await this.#send('/v1/chat/completions', this.#chat({ ...strict(schema), max_tokens: 80, stream: isStreamed }));
    const text = await response.text();
    if (response.status !== 200) return `${response.status} ${text.slice(0, 300)}`;
    const content = isStreamed ? text.split('\n\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)))
      .map((chunk) => { if (chunk.error) throw new Error(chunk.error.message); return chunk.choices[0]?.delta.content ?? ''; }).join('') : JSON.parse(text).choices[0].message.content;
    const document = JSON.parse(content);
    return typeof document.name === 'string' && Number.isInteger(document.age) && Object.keys(document).every((key) => schema.properties[key]) ? null : `not by its schema: ${content}`;
  }

  async #good(where, body) {
    const response = await this.#send(where, body);
    const text = await response.text();
    return response.status === 200 ? null : `${response.status} ${text.slice(0, 300)}`;
  }

  /** The client goes after a random time, at whatever point that is. */
  async #leave() {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#random() * 300);
    try {
      const response = await this.#send('/v1/chat/completions', this.#chat({ ...strict(this.#schema()), max_tokens: 200, stream: true }), { signal: abort.signal });
      await response.text();
      return response.status === 200 ? null : `${response.status}`;
    } catch (error) {
      return error.name === 'AbortError' ? null : `${error.message}`;
    } finally {
      clearTimeout(timer);
    }
  }

  async #hostile() {
    const body = this.#chat({ max_tokens: 60, ...hostile[Math.floor(this.#random() * hostile.length)](this.#random) });
    const response = await this.#send('/v1/chat/completions', body, { signal: AbortSignal.timeout(60_000) });
    const text = await response.text();
    return response.status < 500 ? null : `${response.status} ${text.slice(0, 200)} for ${JSON.stringify(body).slice(0, 200)}`;
  }

  async #refused(where, body) {
    const response = await this.#send(where, body);
    await response.text();
    return response.status === 400 ? null : `${response.status}`;
  }
}
