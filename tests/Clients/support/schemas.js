// Schemas of several shapes, with a text for each; what matters here is that every reply validates.
export const cases = [
  {
    name: 'person',
    text: "Extract: 'Jane Doe lives in Berlin and is 34 years old.'",
    schema: {
      type: 'object',
      properties: { name: { type: 'string' }, city: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'city', 'age'],
      additionalProperties: false,
    },
  },
  {
    name: 'order',
    text: 'Order 4711 from Ada Byron: 3 lamps at 19.90 each, please ship it by express.',
    schema: {
      type: 'object',
      properties: {
        order_id: { type: 'integer', minimum: 1 },
        customer: { type: 'string', minLength: 1, maxLength: 40 },
        shipping: { enum: ['standard', 'express'] },
        items: {
          type: 'array', minItems: 1, maxItems: 3,
          items: {
            type: 'object',
            properties: { product: { type: 'string', maxLength: 30 }, quantity: { type: 'integer', minimum: 1, maximum: 999 }, price: { type: 'number', minimum: 0 } },
            required: ['product', 'quantity', 'price'], additionalProperties: false,
          },
        },
      },
      required: ['order_id', 'customer', 'shipping', 'items'],
      additionalProperties: false,
    },
  },
  {
    name: 'contact',
    text: 'Reach Li Wei under li.wei@example.org; the code is AB-1234, since 2024-05-17.',
    schema: {
      type: 'object',
      properties: {
        email: { type: 'string', format: 'email', maxLength: 40 },
        code: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{4}$' },
        since: { type: 'string', format: 'date' },
        fax: { anyOf: [{ type: 'string', maxLength: 20 }, { type: 'null' }] },
      },
      required: ['email', 'code', 'since', 'fax'],
      additionalProperties: false,
    },
  },
  {
    name: 'tree',
    text: 'A root with two leaves, alpha and beta.',
    schema: {
      $defs: {
        node: {
          type: 'object',
          properties: { label: { type: 'string', maxLength: 12 }, children: { type: 'array', maxItems: 2, items: { $ref: '#/$defs/node' } } },
          required: ['label', 'children'], additionalProperties: false,
        },
      },
      $ref: '#/$defs/node',
    },
  },
];
