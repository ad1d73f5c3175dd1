// Live parts of the pages; without it they still show the state at the time they were opened.
const live = document.getElementById('live');
if (live) {
  const events = new EventSource(live.dataset.events);
  // Not while somebody is inside: a replaced table would take keyboard focus, selection and scroll position with it.
  const isInUse = () => live.contains(document.activeElement) || (getSelection()?.type === 'Range' && live.contains(getSelection().anchorNode));
  events.onmessage = (event) => { if (!isInUse()) live.innerHTML = JSON.parse(event.data); };
}

const form = document.getElementById('playground');
if (form) playground(form);

function playground(form) {
  const field = (name) => form.elements[name];
  const answer = document.getElementById('answer');
  const outcome = document.getElementById('outcome');
  const steps = document.getElementById('steps');
  const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
  const string = { type: 'string' };
  const examples = [
    ['Person', "Extract: 'Jane Doe lives in Berlin and is 34 years old.'", object({ name: string, city: string, age: { type: 'integer' } })],
    ['Order', 'Order 4711 for Ada Byron: 3 lamps at 19.90 each.',
      object({ order_id: { type: 'integer' }, customer: string, items: { type: 'array', minItems: 1, maxItems: 5, items: object({ product: string, quantity: { type: 'integer', minimum: 1 }, price: { type: 'number' } }) } })],
    ['Meeting', 'Marta and Ola meet on 12 May 2026 at 14:30 in Oslo to talk about the budget.',
      object({ date: { type: 'string', format: 'date' }, city: string, attendees: { type: 'array', items: string, minItems: 1 }, topic: string })],
    ['Free text', 'Hello, who are you?', null],
  ];
  field('example').append(...examples.map(([name]) => new Option(name)));
  const show = () => {
    const [, prompt, schema] = examples[field('example').selectedIndex];
    field('prompt').value = prompt;
    field('schema').value = schema ? JSON.stringify(schema, null, 2) : '';
  };
  field('example').addEventListener('change', show);
  show();

  let abort = null;
  field('stop').addEventListener('click', () => abort?.abort());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.textContent = '';
    outcome.textContent = '';
    steps.hidden = true;
    abort = new AbortController();
    field('stop').disabled = false;
    const started = performance.now();
    try {
      await stream(request(), abort.signal, started);
    } catch (error) {
      outcome.textContent = error.name === 'AbortError' ? 'Stopped.' : error.message;
    }
    field('stop').disabled = true;
  });

  function request() {
    const body = {
      model: field('model').value, messages: [{ role: 'user', content: field('prompt').value }], stream: true,
      temperature: Number(field('temperature').value), max_completion_tokens: Number(field('tokens').value), stream_options: { include_usage: true },
    };
    if (field('schema').value.trim()) {
      body.logprobs = true; // Tells the tokens.
      body.response_format = { type: 'json_schema', json_schema: { name: 'playground', strict: true, schema: JSON.parse(field('schema').value) } };
    }
    return body;
  }

  async function stream(body, signal, started) {
    const response = await fetch('/admin/playground/completions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
    if (!response.ok) throw new Error((await response.json()).error.message);
    let first = null;
    let end = null;
    let pending = '';
    const tokens = [];
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const events = (pending + read.value).split('\n\n');
      pending = events.pop();
      for (const data of events.map((one) => one.slice('data: '.length)).filter((one) => one !== '[DONE]')) {
        const chunk = JSON.parse(data);
        if (chunk.error) throw new Error(chunk.error.message);
        const choice = chunk.choices[0];
        first ??= performance.now();
        answer.textContent += choice?.delta.content ?? '';
        for (const token of choice?.logprobs?.content ?? []) tokens.push(token);
        if (choice?.finish_reason) end = `${choice.finish_reason}${choice.structured_output ? `, ${choice.structured_output.status}` : ''}`;
        if (chunk.usage) outcome.textContent = `${end} · ${chunk.usage.completion_tokens} tokens · first after ${Math.round(first - started)} ms, all after ${Math.round(performance.now() - started)} ms`;
      }
    }
    if (body.logprobs && tokens.length) await showSteps(body, tokens, signal);
  }

  // How many tokens the schema allowed at each step, and which stretches it left no choice about.
  async function showSteps(body, tokens, signal) {
    const response = await fetch('/admin/playground/steps', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ request: body, tokens: tokens.map((token) => token.bytes) }), signal,
    });
    if (!response.ok) return;
    const walked = await response.json();
    const vocabulary = Number(field('model').selectedOptions[0].dataset.vocabulary).toLocaleString('en');
    const cell = (text, name = 'td', kind = '') => Object.assign(document.createElement(name), { textContent: text, className: kind });
    let run = 0;
    let runs = 0;
    steps.querySelector('tbody').replaceChildren(...walked.map((step, index) => {
      run = step.isForced ? run + 1 : 0;
      if (run === 1) runs += 1;
      const row = document.createElement('tr');
      row.className = step.isForced ? 'forced' : '';
      const name = cell(`${index + 1}`, 'th', 'n');
      name.scope = 'row';
      const text = cell('');
      text.append(cell(JSON.stringify(tokens[index].token).slice(1, -1), 'code'));
      row.append(name, text, cell(`${step.allowed.toLocaleString('en')} of ${vocabulary}`, 'td', 'n'), cell(step.isForced ? `forced (${run} in a row)` : 'of the model'));
      return row;
    }));
    const forced = walked.filter((step) => step.isForced).length;
    document.getElementById('steps-summary').textContent = `${walked.length} steps: ${forced} forced, in ${runs} runs; ${walked.length - forced} chosen by the model.`;
    steps.hidden = false;
  }
}
